import { simulatorError } from '../errors.ts';

/** What differs between one model and the next. */
export interface Model {
  readonly productType: string;
  readonly marketingName: string;
  readonly deviceClass: 'iPhone' | 'iPad';
  readonly hardwareModel: string;
  readonly chipID: number;
  readonly boardID: number;
  /** The order number without its region part. */
  readonly modelNumber: string;
  /** As sold: decimal bytes. */
  readonly storageBytes: number;
}

export const DEFAULT_PRODUCT_TYPE = 'iPhone15,2';

/**
 * Source: firmware-restore, section 5.3 (hardware model, chip, board). Order numbers are of the right
 * form, not of a real sales list.
 */
const MODELS: readonly Model[] = [
  model('iPhone12,1', 'iPhone 11', 'N104AP', 0x8030, 0x04, 'MWLT2', 64e9),
  model('iPhone12,8', 'iPhone SE (2nd generation)', 'D79AP', 0x8030, 0x10, 'MX9R2', 64e9),
  model('iPhone13,2', 'iPhone 12', 'D53gAP', 0x8101, 0x0c, 'MGJ53', 64e9),
  model('iPhone14,5', 'iPhone 13', 'D17AP', 0x8110, 0x0a, 'MLPF3', 128e9),
  model('iPhone15,2', 'iPhone 14 Pro', 'D73AP', 0x8120, 0x0c, 'MPXV3', 128e9),
  model('iPhone15,4', 'iPhone 15', 'D37AP', 0x8120, 0x08, 'MTP03', 128e9),
  model('iPhone16,1', 'iPhone 15 Pro', 'D83AP', 0x8130, 0x04, 'MTUV3', 128e9),
  model('iPhone17,3', 'iPhone 16', 'D47AP', 0x8140, 0x08, 'MYEA3', 128e9),
];

function model(
  productType: string,
  marketingName: string,
  hardwareModel: string,
  chipID: number,
  boardID: number,
  modelNumber: string,
  storageBytes: number,
): Model {
  const deviceClass = productType.startsWith('iPad') ? 'iPad' : 'iPhone';
  return {
    productType,
    marketingName,
    deviceClass,
    hardwareModel,
    chipID,
    boardID,
    modelNumber,
    storageBytes,
  };
}

/** @throws `simulator.model-unknown` */
export function modelNamed(productType: string): Model {
  const found = MODELS.find((candidate) => candidate.productType === productType);
  if (found) return found;
  throw simulatorError('model-unknown', { models: MODELS.map((known) => known.productType).join(' ') });
}
