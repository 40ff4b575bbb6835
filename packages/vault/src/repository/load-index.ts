import type { CallOptions } from '../storage/storage.ts';
import { BlobIndex } from './blob-index.ts';
import { isDamage } from './damage.ts';
import { loadIndexFile } from './index-file.ts';
import type { RecordPlace } from './unpacked.ts';

/** Read at the same time: a far storage answers each after a while. */
const FILES_AT_A_TIME = 4;

export interface LoadedIndex {
  readonly index: BlobIndex;
  /** The index files it was made from. */
  readonly fileIDs: readonly string[];
}

/**
 * Reads all index files. Whoever wants a snapshot lists the snapshots first: an index that was loaded before may
 * not know what a newer snapshot needs.
 *
 * @param options.onDamaged is told of an index file that is damaged, which is then passed over; without it
 *   the error is thrown
 */
export async function loadIndex(
  place: RecordPlace,
  options: CallOptions & { readonly onDamaged?: (fileID: string, error: unknown) => void } = {},
): Promise<LoadedIndex> {
  const fileIDs: string[] = [];
  for await (const { id } of place.storage.list('index', options)) fileIDs.push(id);
  const index = new BlobIndex();
  const waiting = fileIDs.values();
  const worker = async (): Promise<void> => {
    for (const id of waiting) {
      try {
        for (const pack of await loadIndexFile(place, id, options)) index.addPack(pack.id, pack.blobs);
      } catch (error) {
        if (options.onDamaged === undefined || !isDamage(error)) throw error;
        options.onDamaged(id, error);
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_A_TIME }, worker));
  return { index, fileIDs };
}
