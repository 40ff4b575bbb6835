import { type Clock, type ReadableTree, systemClock } from '@rootcellar/core';
import type { Contents } from '../repository/contents.ts';
import { withLock } from '../repository/lock.ts';
import { ARCHIVED_TAG, INCOMPLETE_TAG, type Snapshot } from '../snapshots/snapshot.ts';
import { listRecords, writeSnapshot } from '../snapshots/snapshot-list.ts';
import { openSnapshot } from '../snapshots/snapshot-tree.ts';
import type { CallOptions } from '../storage/storage.ts';
import { BlobMarks } from './blob-marks.ts';
import { readTree } from './damaged-snapshots.ts';
import { TreeReach } from './tree-reach.ts';

/** Of a snapshot whose record was lost: nobody knows its tags or whether it was whole. */
export const RECOVERED_TAG = 'recovered';

export interface RecoverOptions extends CallOptions {
  readonly hostname: string;
  readonly paths: readonly string[];
  /**
   * Could anybody open it? If so, and it tells of when it is, with that time.
   *
   * @param id of the tree
   * @returns `undefined` for a tree that is of no use by itself. Default: each is of use
   */
  readonly recognize?: (
    tree: ReadableTree,
    id: string,
  ) => Promise<{ readonly time: Date | undefined } | undefined>;
  readonly clock?: Clock;
}

/**
 * Gives trees that no snapshot and no other tree refers to a record of their own: what is left when a record or all of
 * the folder `snapshots` was lost. One that has no content of its own is passed over: checkpoints have left such trees, and all of
 * it is in the snapshot that was made of them. Nothing is deleted.
 *
 * @returns the new snapshots, archived and marked as incomplete; again called, it finds none
 * @throws `vault.locked`, what the storage throws
 */
export async function recoverTrees(
  contents: Contents,
  options: RecoverOptions,
): Promise<readonly Snapshot[]> {
  const { signal, clock = systemClock, hostname, paths } = options;
  const { recognize = async () => ({ time: undefined }) } = options;
  const { repository } = contents;
  return withLock(repository, { clock, signal }, async (lock) => {
    const call = { signal: lock.signal };
    const records = await listRecords(repository, { ...call, onDamaged: () => {} });
    await contents.refresh(call);
    const known = new Set(records.map(({ tree }) => tree));
    const reach = new TreeReach(contents, call);
    const tags = [INCOMPLETE_TAG, ARCHIVED_TAG, RECOVERED_TAG];
    const fields = { parent: undefined, paths, hostname, username: '', tags };
    const found: Snapshot[] = [];
    for (const { tree, files, bytes } of await findRoots(contents, { known, reach, ...call })) {
      if (!(await reach.hasMore(tree))) continue;
      const recognized = await recognize(openSnapshot(contents, { tree }), tree);
      if (recognized === undefined) continue;
      await reach.reach(tree);
      await lock.requireHeld();
      const recordedAt = clock.now();
      const { time = recordedAt } = recognized;
      const summary = { ...NOTHING_ADDED, filesUnmodified: files, files, bytes };
      found.push(
        await writeSnapshot(repository, { ...fields, tree, time, summary }, { ...call, recordedAt }),
      );
    }
    return found;
  });
}

const NOTHING_ADDED = { filesNew: 0, filesChanged: 0, addedBytes: 0, addedPackedBytes: 0 };

interface Root {
  readonly tree: string;
  readonly files: number;
  readonly bytes: number;
}

interface Search extends CallOptions {
  readonly known: ReadonlySet<string>;
  readonly reach: TreeReach;
}

/** The largest first: what was on the way to them adds nothing then. What is known counts as reached. */
async function findRoots(
  { index, reader }: Contents,
  { known, reach, ...call }: Search,
): Promise<readonly Root[]> {
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
  for (const tree of known) await reach.reach(tree);
  const roots: Root[] = [];
  for (const tree of readable) {
    if (below.has(tree, 'tree') || known.has(tree)) continue;
    roots.push({ tree, ...(await reach.count(tree)) });
  }
  return roots.sort((one, other) => other.files - one.files || other.bytes - one.bytes);
}
