import { type Clock, systemClock } from '@rootcellar/core';
import { BlobIndex } from '../repository/blob-index.ts';
import { loadIndex } from '../repository/load-index.ts';
import { withLock } from '../repository/lock.ts';
import { packBytes } from '../repository/pack-header.ts';
import type { Repository } from '../repository/repository.ts';
import type { CallOptions } from '../storage/storage.ts';
import { listedInPack } from './look-into-pack.ts';
import { replaceIndex } from './replace-index.ts';

export interface RepairIndexOptions extends CallOptions {
  readonly clock?: Clock;
}

export interface IndexRepair {
  readonly packs: number;
  /** Did the index need it? Else nothing was written. */
  readonly isRepaired: boolean;
  /** Packs that the new index names, and the old one did not, or not as large as they are. */
  readonly foundPacks: readonly string[];
  /** Packs whose own list had to be read. */
  readonly packsRead: number;
  /** Packs that nobody knows any more what is in: the list at their end is damaged. They stay where they are. */
  readonly unreadablePacks: readonly string[];
  /** Packs that the old index named and that are gone. */
  readonly lostPacks: readonly string[];
  /** Index files that could not be read. */
  readonly damagedFiles: readonly string[];
}

/**
 * Makes a new index from what is left of the old one and from the packs themselves, then deletes the old one.
 * Nothing but index files is deleted, and nothing is written where the index says already what it should.
 *
 * @throws `vault.locked`, what the storage throws
 */
export async function repairIndex(
  repository: Repository,
  options: RepairIndexOptions = {},
): Promise<IndexRepair> {
  const { clock = systemClock, signal } = options;
  return withLock(repository, { exclusive: true, clock, signal }, async (lock) => {
    const call = { signal: lock.signal };
    const damagedFiles: string[] = [];
    const { index, fileIDs } = await loadIndex(repository, {
      ...call,
      onDamaged: (id) => damagedFiles.push(id),
    });
    const oldBytes = new Map([...index.packs()].map(({ id, blobs }) => [id, packBytes(blobs)]));
    const rebuilt = new BlobIndex();
    const unreadablePacks: string[] = [];
    const foundPacks: string[] = [];
    const asBefore = new Set<string>();
    for await (const pack of repository.storage.list('data', call)) {
      const isKnown = oldBytes.get(pack.id) === pack.sizeBytes;
      const isInIndex = oldBytes.delete(pack.id);
      const listed = isKnown ? undefined : await listedInPack(repository, pack, call);
      if (listed !== undefined) {
        rebuilt.addPack(pack.id, listed);
        foundPacks.push(pack.id);
        continue;
      }
      if (!isKnown) unreadablePacks.push(pack.id);
      // Blobs of a pack whose list is damaged may be whole still: what the index said of them stays.
      if (isInIndex) asBefore.add(pack.id);
    }
    for (const { id, blobs } of index.packs()) if (asBefore.has(id)) rebuilt.addPack(id, blobs);
    const isRepaired = damagedFiles.length + foundPacks.length + oldBytes.size > 0;
    await lock.requireHeld();
    if (isRepaired) await replaceIndex(repository, { packs: rebuilt.packs(), oldIndex: fileIDs, lock });
    return {
      packs: rebuilt.packIDs.length,
      isRepaired,
      foundPacks,
      packsRead: foundPacks.length + unreadablePacks.length,
      unreadablePacks,
      lostPacks: [...oldBytes.keys()],
      damagedFiles,
    };
  });
}
