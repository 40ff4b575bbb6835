import { createHash } from 'node:crypto';
import { treeError } from '../errors.ts';
import type { WritableTree } from './tree.ts';
import { ROOT, type TreePath, treePath } from './tree-path.ts';

/** What an overlay has done to its base without touching it. */
export interface Changes {
  readonly removed: ReadonlySet<TreePath>;
  readonly moved: ReadonlyMap<TreePath, TreePath>;
  remove(path: TreePath): Promise<void>;
  move(from: TreePath, to: TreePath): Promise<void>;
  forgetMove(to: TreePath): Promise<void>;
  flush(): Promise<void>;
}

/** One change as it is kept: a small file named by the hash of its path, because paths may be too long. */
interface Kept {
  readonly path: string;
  /** Of a move; absent for a removal. */
  readonly from?: string;
}

const KEPT_BYTES_MAX = 32 * 1024;

/**
 * Reads what an earlier overlay has left, if there is a place where it could have.
 * @throws `tree.input-output` if a change cannot be understood
 */
export async function openChanges(place: WritableTree | undefined, upper: WritableTree): Promise<Changes> {
  const removed = new Set<TreePath>();
  const moved = new Map<TreePath, TreePath>();
  if (place !== undefined) {
    for await (const entry of place.list(ROOT)) {
      const { path, from } = await readKept(place, entry.path);
      // A move means that its source is gone, also if there was no time to note that as well.
      removed.add(treePath(from ?? path));
      // What was written over a moved file counts, also if there was no time to forget the move.
      const isCovered = from !== undefined && (await upper.stat(treePath(path))) !== undefined;
      if (from !== undefined && !isCovered) moved.set(treePath(path), treePath(from));
    }
  }
  return {
    removed,
    moved,
    async remove(path) {
      if (removed.has(path)) return;
      await place?.write(nameOf({ path }), [encode({ path })]);
      removed.add(path);
    },
    async move(from, to) {
      await place?.write(nameOf({ path: to, from }), [encode({ path: to, from })]);
      moved.set(to, from);
    },
    async forgetMove(to) {
      if (!moved.has(to)) return;
      await place?.remove(nameOf({ path: to, from: '' }));
      moved.delete(to);
    },
    flush: async () => place?.flush(),
  };
}

function nameOf({ path, from }: Kept): TreePath {
  const hash = createHash('sha256').update(path).digest('hex');
  return treePath(`${hash}.${from === undefined ? 'removed' : 'moved'}`);
}

function encode(change: Kept): Uint8Array {
  return Buffer.from(JSON.stringify(change));
}

async function readKept(place: WritableTree, name: TreePath): Promise<Kept> {
  const bytes = Buffer.concat(await Array.fromAsync(place.read(name, { start: 0, end: KEPT_BYTES_MAX })));
  try {
    const { path, from }: { path?: unknown; from?: unknown } = JSON.parse(bytes.toString());
    if (typeof path === 'string' && from === undefined) return { path };
    if (typeof path === 'string' && typeof from === 'string') return { path, from };
  } catch {
    // Reported below, like everything that is not a change.
  }
  throw treeError('input-output', { reason: 'an unreadable change' });
}
