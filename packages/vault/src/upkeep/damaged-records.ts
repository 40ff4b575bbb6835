import { type Clock, systemClock } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { withLock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { listRecords } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';

/**
 * Removes records of snapshots that are there and are not what was stored: nobody can read them, and as long as they are
 * there nothing is pruned, for they may need what seems to be of no use. Call `recoverTrees` first: it gives the trees
 * that they named records of their own. A record that the storage could not give stays.
 *
 * @returns ids of the records that went
 */
export async function removeDamagedRecords(
  repository: Repository,
  { signal, clock = systemClock }: CallOptions & { readonly clock?: Clock } = {},
): Promise<readonly string[]> {
  return withLock(repository, { clock, signal }, async (lock) => {
    const damaged: string[] = [];
    await listRecords(repository, {
      signal: lock.signal,
      onDamaged: (id, error) => {
        if (vaultError.matches(error)) damaged.push(id);
      },
    });
    for (const id of damaged) await repository.storage.delete(`snapshots/${id}`, { signal: lock.signal });
    return damaged;
  });
}
