import { type Clock, systemClock } from '@rootcellar/core';
import { withLock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { deleteSnapshot, listSnapshots } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';
import { applyRetention, type Retained, type RetentionOptions, type RetentionPolicy } from './retention.ts';

export interface ForgetOptions extends CallOptions, RetentionOptions {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  readonly clock?: Clock;
}

/**
 * Deletes the snapshots that a policy does not keep. Their space is free after `prune`.
 *
 * @throws `vault.locked`, `vault.record-damaged` if a record cannot be read: it may be one that counts
 */
export async function forget(
  repository: Repository,
  policy: RetentionPolicy,
  options: ForgetOptions = {},
): Promise<Retained> {
  const { clock = systemClock, signal } = options;
  return withLock(repository, { clock, signal }, async (lock) => {
    const snapshots = await listSnapshots(repository, { signal: lock.signal });
    const retained = applyRetention(snapshots, policy, options);
    if (options.dryRun === true) return retained;
    for (const { id } of retained.removed) await deleteSnapshot(repository, id, { signal: lock.signal });
    return retained;
  });
}
