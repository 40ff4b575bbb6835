import { type Clock, systemClock } from '@rootcellar/core';
import type { Contents } from '../repository/contents.ts';
import { withLock } from '../repository/lock.ts';
import { ARCHIVED_TAG, INCOMPLETE_TAG, type Snapshot } from '../snapshots/snapshot.ts';
import { listRecords, writeSnapshot } from '../snapshots/snapshot-list.ts';
import type { CallOptions } from '../storage/storage.ts';
import { BlobMarks } from './blob-marks.ts';
import { readTree } from './damaged-snapshots.ts';

/** Of a snapshot whose record was lost: nobody knows its time, its tags or whether it was whole. */
export const RECOVERED_TAG = 'recovered';

export interface RecoverOptions extends CallOptions {
  readonly hostname: string;
  readonly paths: readonly string[];
  readonly clock?: Clock;
}

/**
 * Gives each tree that no snapshot and no other tree refers to a record of its own: what is left when the folder
 * `snapshots` was lost. Trees of unfinished backups are among them. Nothing is deleted.
 *
 * @returns the new snapshots, archived and marked as incomplete
 * @throws `vault.locked`, what the storage throws
 */
export async function recoverTrees(
  contents: Contents,
  options: RecoverOptions,
): Promise<readonly Snapshot[]> {
  const { signal, clock = systemClock, hostname, paths } = options;
  const { repository } = contents;
  return withLock(repository, { clock, signal }, async (lock) => {
    const call = { signal: lock.signal };
    const records = await listRecords(repository, { ...call, onDamaged: () => {} });
    await contents.refresh(call);
    const roots = await findRoots(contents, new Set(records.map(({ tree }) => tree)), call);
    const tags = [INCOMPLETE_TAG, ARCHIVED_TAG, RECOVERED_TAG];
    const fields = { parent: undefined, paths, hostname, username: '', tags, summary: undefined };
    const found: Snapshot[] = [];
    for (const tree of roots) {
      await lock.requireHeld();
      const time = clock.now();
      found.push(await writeSnapshot(repository, { ...fields, tree, time }, { ...call, recordedAt: time }));
    }
    return found;
  });
}

async function findRoots(
  { index, reader }: Contents,
  known: ReadonlySet<string>,
  call: CallOptions,
): Promise<readonly string[]> {
  const below = new BlobMarks(index);
  const readable: string[] = [];
  const seen = new BlobMarks(index);
  for (const { id, type } of index.entries()) {
    if (type !== 'tree' || seen.has(id, 'tree')) continue;
    seen.add(id, 'tree');
    const nodes = await readTree({ reader, ...call }, id);
    if (nodes === undefined) continue;
    readable.push(id);
    for (const node of nodes) if (node.kind === 'folder') below.add(node.subtree, 'tree');
  }
  return readable.filter((id) => !below.has(id, 'tree') && !known.has(id));
}
