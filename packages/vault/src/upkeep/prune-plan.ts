import type { BlobType } from '../chunks/blob.ts';
import type { BlobIndex, IndexedBlob } from '../repository/blob-index.ts';
import { packBytes } from '../repository/pack-header.ts';
import type { BlobMarks } from './blob-marks.ts';
import { type ChosenPlaces, chosenName } from './choose-places.ts';

/** What becomes of the packs of a vault. */
export interface PrunePlan {
  /** Stay as they are. */
  readonly kept: readonly PackUse[];
  /** What is used in them goes into new packs, then they go. */
  readonly repacked: readonly PackUse[];
  /** Nothing in them is used, or no index names them. */
  readonly removed: readonly Pick<PackUse, 'id' | 'sizeBytes'>[];
  /** Named by an index, but gone; nothing in them is used. */
  readonly lost: readonly string[];
  /** Gone, and used. */
  readonly missing: readonly string[];
}

/** How much of a pack is used. Small, because a vault has many packs, and a pack thousands of blobs. */
export interface PackUse {
  readonly id: string;
  readonly type: BlobType;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly unusedBytes: number;
  /** As large as its blobs say. */
  readonly isWhole: boolean;
}

export interface PlanLimits {
  /** Of what is stored, this part may be unused: rewriting packs for less costs more than it frees. Default 0.05. */
  readonly unusedFractionMax?: number;
  /** Packs below this are joined when there are several. Default 4 MiB. */
  readonly smallPackBytes?: number;
}

/** So many small packs of one kind make it worth joining them: each backup leaves a few. */
const SMALL_PACKS_MIN = 8;

export interface PlanInput extends PlanLimits {
  readonly index: BlobIndex;
  readonly used: BlobMarks;
  /** Sizes of the packs that are stored. */
  readonly stored: ReadonlyMap<string, number>;
  /** Of blobs that lie in several packs. */
  readonly chosen: ChosenPlaces;
}

/** Decides; changes nothing. */
export function planPrune(input: PlanInput): PrunePlan {
  const { packs, missing, lost } = lookAtPacks(input);
  const indexed = new Set(packs.map(({ id }) => id));
  const unindexed = [...input.stored].filter(([id]) => !indexed.has(id));
  const inUse = packs.filter(({ usedBytes }) => usedBytes > 0);
  const repacked = chooseRepacked(inUse, input);
  return {
    kept: inUse.filter((pack) => !repacked.has(pack)),
    repacked: [...repacked],
    removed: [
      ...packs.filter(({ usedBytes }) => usedBytes === 0),
      ...unindexed.map(([id, sizeBytes]) => ({ id, sizeBytes })),
    ],
    lost,
    missing,
  };
}

/** A blob that lies in several packs is used in one of them: where it was chosen. */
export function isUsedHere({ index, used, chosen }: PlanInput, blob: IndexedBlob): boolean {
  if (!used.has(blob.id, blob.type)) return false;
  const place = chosen.get(chosenName(blob.id, blob.type)) ?? index.get(blob.id, blob.type);
  return place?.packID === blob.packID && place.offset === blob.offset;
}

function lookAtPacks(input: PlanInput) {
  const packs: PackUse[] = [];
  const missing: string[] = [];
  const lost: string[] = [];
  for (const { id, blobs } of input.index.packs()) {
    const usedBytes = bytesOf(blobs.filter((blob) => isUsedHere(input, blob)));
    const sizeBytes = input.stored.get(id);
    if (sizeBytes === undefined) {
      (usedBytes > 0 ? missing : lost).push(id);
      continue;
    }
    const type = blobs[0]?.type ?? 'data';
    const isWhole = packBytes(blobs) === sizeBytes;
    packs.push({ id, type, sizeBytes, usedBytes, unusedBytes: bytesOf(blobs) - usedBytes, isWhole });
  }
  return { packs, missing, lost };
}

function chooseRepacked(packs: readonly PackUse[], limits: PlanLimits): ReadonlySet<PackUse> {
  const { unusedFractionMax = 0.05, smallPackBytes = 4 * 1024 * 1024 } = limits;
  // What can be read still of a pack that is cut short gets a better place.
  const chosen = new Set(packs.filter(({ isWhole }) => !isWhole));
  let unusedBytes = packs.reduce((sum, pack) => sum + pack.unusedBytes, 0);
  const allowedBytes = packs.reduce((sum, pack) => sum + pack.usedBytes, 0) * unusedFractionMax;
  const wasteful = packs
    .filter((pack) => pack.unusedBytes > 0)
    .sort((a, b) => b.unusedBytes / b.sizeBytes - a.unusedBytes / a.sizeBytes);
  for (const pack of wasteful) {
    if (unusedBytes <= allowedBytes) break;
    chosen.add(pack);
    unusedBytes -= pack.unusedBytes;
  }
  for (const type of ['data', 'tree'] satisfies BlobType[]) {
    const small = packs.filter((pack) => pack.sizeBytes < smallPackBytes && pack.type === type);
    if (small.length >= SMALL_PACKS_MIN) for (const pack of small) chosen.add(pack);
  }
  return chosen;
}

function bytesOf(blobs: readonly IndexedBlob[]): number {
  return blobs.reduce((sum, { length }) => sum + length, 0);
}
