import { type Clock, systemClock } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { withLock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { listRecords } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';

/** @returns ids of records of snapshots that are there and are not what was stored. One that the storage could not give is none */
export async function listDamagedRecords(
  repository: Repository,
  call: CallOptions = {},
): Promise<readonly string[]> {
  const damaged: string[] = [];
  await listRecords(repository, {
    ...call,
    onDamaged: (id, error) => {
      if (vaultError.matches(error)) damaged.push(id);
    },
  });
  return damaged;
}

/**
 * Removes damaged records of snapshots: nobody can read them, and as long as they are there nothing is pruned, for they may need
 * what seems to be of no use. Call `recoverTrees` first, after the list was made and for every tree, whatever it is: it gives
 * those that they named records of their own.
 *
 * @param ids from `listDamagedRecords`; one that can be read now stays
 */
export async function removeDamagedRecords(
  repository: Repository,
  ids: readonly string[],
  { signal, clock = systemClock }: CallOptions & { readonly clock?: Clock } = {},
): Promise<void> {
  if (ids.length === 0) return;
  await withLock(repository, { clock, signal }, async (lock) => {
    const damaged = new Set(await listDamagedRecords(repository, { signal: lock.signal }));
    for (const id of ids.filter((one) => damaged.has(one)))
      await repository.storage.delete(`snapshots/${id}`, { signal: lock.signal });
  });
}
