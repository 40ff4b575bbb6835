import type { IndexedBlob } from './blob-index.ts';

/** One call to the storage, and the blobs that it brings. */
export interface ReadPlan {
  readonly packID: string;
  readonly start: number;
  readonly end: number;
  readonly blobs: readonly IndexedBlob[];
}

/** Bytes that are fetched for nothing rather than asking twice. */
const GAP_BYTES_MAX = 128 * 1024;

/** Joins blobs that lie in one pack, near each other. */
export function planReads(blobs: readonly IndexedBlob[]): readonly ReadPlan[] {
  const sorted = [...blobs].sort((a, b) =>
    a.packID === b.packID ? a.offset - b.offset : a.packID < b.packID ? -1 : 1,
  );
  const plans: { packID: string; start: number; end: number; blobs: IndexedBlob[] }[] = [];
  for (const blob of sorted) {
    const last = plans.at(-1);
    const end = blob.offset + blob.length;
    if (last?.packID === blob.packID && blob.offset - last.end <= GAP_BYTES_MAX) {
      last.end = Math.max(last.end, end);
      last.blobs.push(blob);
    } else {
      plans.push({ packID: blob.packID, start: blob.offset, end, blobs: [blob] });
    }
  }
  return plans;
}
