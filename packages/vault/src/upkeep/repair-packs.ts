import { type Clock, systemClock } from '@rootcellar/core';
import { BlobIndex, type IndexedBlob } from '../repository/blob-index.ts';
import { openBlob } from '../repository/blob-reader.ts';
import { loadIndex } from '../repository/load-index.ts';
import { withLock } from '../repository/lock.ts';
import { PackWriter } from '../repository/pack-writer.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import { isLost } from './damaged-snapshots.ts';
import { replaceIndex } from './replace-index.ts';

export interface PackRepair {
  /** Blobs that were whole, and lie in new packs now. */
  readonly blobsKept: number;
  /** Blobs that no index names any more: the next backup that has them stores them again, and heals what needs them. */
  readonly blobsLost: number;
}

/**
 * Puts what is whole of damaged packs into new ones, and lets the index forget the rest: as long as it names a blob
 * that cannot be read, nobody stores it again. The damaged packs stay where they are, until a prune removes them.
 *
 * @param packIDs as `checkVault` names them
 * @throws `vault.locked`, `vault.record-damaged`: then repair the index first; what the storage throws
 */
export async function repairPacks(
  repository: Repository,
  packIDs: ReadonlySet<string>,
  { signal, clock = systemClock }: CallOptions & { readonly clock?: Clock } = {},
): Promise<PackRepair> {
  return withLock(repository, { exclusive: true, clock, signal }, async (lock) => {
    const { index, fileIDs } = await loadIndex(repository, { signal: lock.signal });
    const writer = new PackWriter({ place: repository, index: new BlobIndex(), signal: lock.signal });
    let blobsKept = 0;
    let blobsLost = 0;
    for (const { id, blobs } of index.packs()) {
      if (!packIDs.has(id)) continue;
      const bytes = await readPack(repository, id, lock.signal);
      for (const blob of blobs) {
        const sealed = sealedIn(bytes, blob);
        if (sealed === undefined || openBlob(repository, blob, sealed) === undefined) blobsLost += 1;
        else {
          await writer.add({ ...blob, sealed });
          blobsKept += 1;
        }
      }
    }
    await writer.flush();
    await lock.requireHeld();
    const packs = index.packs().filter(({ id }) => !packIDs.has(id));
    await replaceIndex(repository, { packs, oldIndex: fileIDs, newIndex: writer.indexFileIDs, lock });
    return { blobsKept, blobsLost };
  });
}

/** Whatever of it is there. */
async function readPack(
  { storage }: Repository,
  id: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return await storage.get(`data/${id}`, undefined, { signal });
  } catch (error) {
    if (isLost(error)) return undefined;
    throw error;
  }
}

function sealedIn(bytes: Uint8Array | undefined, { offset, length }: IndexedBlob): Uint8Array | undefined {
  return bytes === undefined || offset + length > bytes.length
    ? undefined
    : bytes.subarray(offset, offset + length);
}
