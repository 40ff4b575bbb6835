import { type Clock, systemClock } from '@rootcellar/core';
import { BlobIndex, type IndexedBlob } from '../repository/blob-index.ts';
import { loadIndex } from '../repository/load-index.ts';
import { withLock } from '../repository/lock.ts';
import { openBlob } from '../repository/open-blob.ts';
import { PackWriter } from '../repository/pack-writer.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import { isLost } from './damaged-snapshots.ts';
import { wholeBlob } from './look-into-pack.ts';
import { replaceIndex } from './replace-index.ts';

export interface PackRepair {
  /** Blobs that were whole, and lie in new packs now. */
  readonly blobsKept: number;
  /** Blobs that no index names any more: the next backup that has them stores them again, and heals what needs them. */
  readonly blobsLost: number;
}

export interface RepairPacksOptions extends CallOptions {
  /**
   * The index forgets the packs, and they stay where they are: what a bad cable made look damaged is whole again, and
   * `repairIndex` finds it. Default: they go.
   */
  readonly keepsFiles?: boolean;
  readonly clock?: Clock;
}

/**
 * Puts what is whole of damaged packs into new ones, and lets the index forget the rest: as long as it names a blob
 * that cannot be read, nobody stores it again. What seems to be damaged is read a second time before it is given up; then
 * the damaged packs go, if they may, or a repair of the index would name their blobs again.
 *
 * @param packIDs as `checkVault` names them; some may be gone
 * @throws `vault.locked`, `vault.index-damaged`: then repair the index first; what the storage throws
 */
export async function repairPacks(
  repository: Repository,
  packIDs: ReadonlySet<string>,
  { signal, clock = systemClock, keepsFiles = false }: RepairPacksOptions = {},
): Promise<PackRepair> {
  if (packIDs.size === 0) return { blobsKept: 0, blobsLost: 0 };
  return withLock(repository, { exclusive: true, clock, signal }, async (lock) => {
    const { index, fileIDs } = await loadIndex(repository, { signal: lock.signal });
    const writer = new PackWriter({ place: repository, index: new BlobIndex(), signal: lock.signal });
    let blobsKept = 0;
    let blobsLost = 0;
    for (const { id, blobs } of index.packs()) {
      if (!packIDs.has(id)) continue;
      if ((await repository.storage.stat(`data/${id}`, { signal: lock.signal })) === undefined) {
        blobsLost += blobs.length;
        continue;
      }
      const bytes = await readPack(repository, id, lock.signal);
      for (const blob of blobs) {
        // By itself, and later: memory and cables have bad moments, too.
        const sealed =
          wholeIn(repository, bytes, blob) ?? (await wholeBlob(repository, blob, { signal: lock.signal }));
        if (sealed === undefined) blobsLost += 1;
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
    await lock.requireHeld();
    if (keepsFiles) return { blobsKept, blobsLost };
    for (const id of packIDs) await repository.storage.delete(`data/${id}`, { signal: lock.signal });
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

/** @returns the sealed bytes of a blob, in memory of their own, if they are what was stored */
function wholeIn(
  repository: Repository,
  pack: Uint8Array | undefined,
  blob: IndexedBlob,
): Uint8Array | undefined {
  const { offset, length } = blob;
  if (pack === undefined || offset + length > pack.length) return undefined;
  const sealed = Uint8Array.prototype.slice.call(pack, offset, offset + length);
  return openBlob(repository, blob, sealed) === undefined ? undefined : sealed;
}
