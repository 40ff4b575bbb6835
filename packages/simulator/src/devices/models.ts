import { simulatorError } from '../errors.ts';
import { compareVersions } from './system-version.ts';
import type { System } from './systems.ts';

/** What differs between one model and the next. */
export interface Model {
  readonly productType: string;
  readonly marketingName: string;
  readonly deviceClass: 'iPhone' | 'iPad' | 'iPod';
  /** `HardwareModel`. */
  readonly hardwareModel: string;
  readonly chipID: number;
  readonly boardID: number;
  /** The order number without its region part. */
  readonly modelNumber: string;
  /** As sold: decimal bytes. */
  readonly storageBytes: number;
  /** What the Lockdown value `CPUArchitecture` says. */
  readonly architecture: 'arm64' | 'arm64e';
  /** Chips up to the A11 have a UDID of 40 hex digits; later ones one of chip number and ECID. */
  readonly udidForm: 'forty-digits' | 'chip-and-ecid';
  readonly hasBaseband: boolean;
  /** The versions it runs: the one it was sold with, and the last major one it gets. */
  readonly systems: { readonly oldest: string; readonly newestMajor: number };
}

const DEFAULT_PRODUCT_TYPE = 'iPhone15,2';

/** The first chip with pointer authentication, and with the newer form of UDIDs: the A12. */
const A12 = 0x8020;

const GB = 1e9;

/**
 * Oldest first.
 *
 * Source: firmware-restore, section 5.3 (hardware model, chip, board); of iPads and the iPod touch board numbers are
 * invented. Order numbers are of the right form, not of a real sales list. Unknown: which models iOS 27 leaves out; all
 * that run 26 are taken for it (observed on iPhone12,1).
 */
const MODELS: readonly Model[] = [
  model('iPhone8,1', 'iPhone 6s', 'N71AP', [0x8000, 0x04], 'MKQJ2', 64 * GB, '9', 15),
  model('iPhone8,4', 'iPhone SE', 'N69AP', [0x8003, 0x02], 'MLLP2', 64 * GB, '9.3', 15),
  model('iPhone9,1', 'iPhone 7', 'D10AP', [0x8010, 0x08], 'MN8X2', 32 * GB, '10', 15),
  model('iPhone10,1', 'iPhone 8', 'D20AP', [0x8015, 0x02], 'MQ6G2', 64 * GB, '11', 16),
  model('iPhone10,3', 'iPhone X', 'D22AP', [0x8015, 0x06], 'MQAC2', 64 * GB, '11.1', 16),
  model('iPod9,1', 'iPod touch (7th generation)', 'N112AP', [0x8010, 0x16], 'MVHV2', 32 * GB, '12.3', 15),
  model('iPhone11,8', 'iPhone XR', 'N841AP', [0x8020, 0x0c], 'MRY42', 64 * GB, '12', 18),
  model('iPad11,3', 'iPad Air (3rd generation)', 'J217AP', [0x8020, 0x1c], 'MUUK2', 64 * GB, '12.2', 26),
  model('iPhone12,1', 'iPhone 11', 'N104AP', [0x8030, 0x04], 'MWLT2', 64 * GB, '13', 27),
  model('iPhone12,3', 'iPhone 11 Pro', 'D421AP', [0x8030, 0x06], 'MWC22', 64 * GB, '13', 27),
  model('iPad7,11', 'iPad (7th generation)', 'J171AP', [0x8010, 0x1e], 'MW742', 32 * GB, '13.1', 18),
  model('iPhone12,8', 'iPhone SE (2nd generation)', 'D79AP', [0x8030, 0x10], 'MX9R2', 64 * GB, '13.4', 27),
  model('iPhone13,1', 'iPhone 12 mini', 'D52gAP', [0x8101, 0x0a], 'MGE13', 64 * GB, '14.1', 27),
  model('iPhone13,2', 'iPhone 12', 'D53gAP', [0x8101, 0x0c], 'MGJ53', 64 * GB, '14.1', 27),
  model('iPhone14,5', 'iPhone 13', 'D17AP', [0x8110, 0x0a], 'MLPF3', 128 * GB, '15', 27),
  model('iPhone14,6', 'iPhone SE (3rd generation)', 'D49AP', [0x8110, 0x10], 'MMXF3', 64 * GB, '15.4', 27),
  model('iPhone14,7', 'iPhone 14', 'D27AP', [0x8110, 0x18], 'MPVN3', 128 * GB, '16', 27),
  model('iPhone15,2', 'iPhone 14 Pro', 'D73AP', [0x8120, 0x0c], 'MPXV3', 128 * GB, '16', 27),
  model('iPad13,18', 'iPad (10th generation)', 'J271AP', [0x8101, 0x1a], 'MPQ03', 64 * GB, '16.1', 27),
  model('iPhone15,4', 'iPhone 15', 'D37AP', [0x8120, 0x08], 'MTP03', 128 * GB, '17', 27),
  model('iPhone16,1', 'iPhone 15 Pro', 'D83AP', [0x8130, 0x04], 'MTUV3', 128 * GB, '17', 27),
  model('iPhone17,1', 'iPhone 16 Pro', 'D93AP', [0x8140, 0x0c], 'MYNC3', 128 * GB, '18', 27),
  model('iPhone17,3', 'iPhone 16', 'D47AP', [0x8140, 0x08], 'MYEA3', 128 * GB, '18', 27),
  model('iPad16,2', 'iPad mini (A17 Pro)', 'J411AP', [0x8130, 0x0a], 'MXN63', 128 * GB, '18', 27),
  model('iPhone17,5', 'iPhone 16e', 'V59AP', [0x8140, 0x04], 'MD1Q4', 128 * GB, '18.3', 27),
  model('iPhone18,1', 'iPhone 17 Pro', 'V53AP', [0x8150, 0x0c], 'MG8G4', 256 * GB, '26', 27),
  model('iPhone18,3', 'iPhone 17', 'V57AP', [0x8150, 0x08], 'MG6J4', 256 * GB, '26', 27),
  model('iPhone18,4', 'iPhone Air', 'D23AP', [0x8150, 0x0a], 'MG7K4', 256 * GB, '26', 27),
];

function model(
  productType: string,
  marketingName: string,
  hardwareModel: string,
  [chipID, boardID]: readonly [number, number],
  modelNumber: string,
  storageBytes: number,
  oldest: string,
  newestMajor: number,
): Model {
  const deviceClass = productType.startsWith('iPad')
    ? 'iPad'
    : productType.startsWith('iPod')
      ? 'iPod'
      : 'iPhone';
  const isNewer = chipID >= A12;
  return {
    productType,
    marketingName,
    deviceClass,
    hardwareModel,
    chipID,
    boardID,
    modelNumber,
    storageBytes,
    architecture: isNewer ? 'arm64e' : 'arm64',
    udidForm: isNewer ? 'chip-and-ecid' : 'forty-digits',
    hasBaseband: deviceClass === 'iPhone',
    systems: { oldest, newestMajor },
  };
}

/** @throws `simulator.model-unknown` */
export function modelNamed(productType: string): Model {
  const found = MODELS.find((candidate) => candidate.productType === productType);
  if (found) return found;
  throw simulatorError('model-unknown', { models: MODELS.map((known) => known.productType).join(' ') });
}

/**
 * The model that was asked for, if it runs this system; if none was, the usual one or else the nearest iPhone that does.
 *
 * @throws `simulator.model-unknown`, `simulator.system-impossible`
 */
export function modelFor(system: System, productType?: string): Model {
  if (productType !== undefined) return requireRuns(modelNamed(productType), system);
  const usual = modelNamed(DEFAULT_PRODUCT_TYPE);
  if (runs(usual, system)) return usual;
  const nearest = MODELS.findLast((known) => known.deviceClass === 'iPhone' && runs(known, system));
  return nearest ?? requireRuns(usual, system);
}

function requireRuns(model: Model, system: System): Model {
  if (runs(model, system)) return model;
  const { oldest, newestMajor } = model.systems;
  throw simulatorError('system-impossible', { model: model.productType, oldest, newest: newestMajor });
}

function runs({ systems }: Model, { productVersion, major }: System): boolean {
  return compareVersions(productVersion, systems.oldest) >= 0 && major <= systems.newestMajor;
}

/** Every model there is. */
export function allModels(): readonly Model[] {
  return MODELS;
}
