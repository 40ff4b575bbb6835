import {
  type ByteRange,
  memoryTree,
  type Random,
  type TreeEntry,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';

/** One thing that was done to a tree. A write is several: it begins, and each piece follows. */
export type Change =
  | { readonly kind: 'makeFolder' | 'remove' | 'write'; readonly path: TreePath }
  | { readonly kind: 'piece'; readonly path: TreePath; readonly bytes: Uint8Array }
  | { readonly kind: 'move'; readonly path: TreePath; readonly to: TreePath }
  | { readonly kind: 'flush' };

/** A tree that remembers everything that is done to it. */
export function recordedTree(tree: WritableTree): {
  readonly tree: WritableTree;
  readonly changes: Change[];
} {
  const changes: Change[] = [];
  return {
    changes,
    tree: {
      list: (folder: TreePath): AsyncIterable<TreeEntry> => tree.list(folder),
      stat: (path: TreePath) => tree.stat(path),
      read: (path: TreePath, range?: ByteRange) => tree.read(path, range),
      freeBytes: () => tree.freeBytes(),
      async makeFolder(path) {
        changes.push({ kind: 'makeFolder', path });
        await tree.makeFolder(path);
      },
      async write(path, content) {
        changes.push({ kind: 'write', path });
        await tree.write(path, remembered(path, content, changes));
      },
      async move(path, to) {
        changes.push({ kind: 'move', path, to });
        await tree.move(path, to);
      },
      async remove(path) {
        changes.push({ kind: 'remove', path });
        await tree.remove(path);
      },
      async flush() {
        changes.push({ kind: 'flush' });
        await tree.flush();
      },
    },
  };
}

async function* remembered(
  path: TreePath,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  changes: Change[],
): AsyncIterable<Uint8Array> {
  for await (const piece of content) {
    changes.push({ kind: 'piece', path, bytes: Uint8Array.from(piece) });
    yield piece;
  }
}

/** What a process that died after these changes has left. */
export async function replayed(
  start: WritableTree | undefined,
  changes: readonly Change[],
): Promise<WritableTree> {
  const tree = start ? await copyOf(start) : memoryTree();
  for (let i = 0; i < changes.length; i += 1) {
    const change = changes[i];
    if (change?.kind === 'makeFolder') await tree.makeFolder(change.path);
    else if (change?.kind === 'remove') await tree.remove(change.path);
    else if (change?.kind === 'move') await tree.move(change.path, change.to);
    else if (change?.kind === 'write') await tree.write(change.path, piecesAfter(changes, i));
  }
  return tree;
}

/**
 * What a machine that lost its power after these changes finds again: everything up to the last flush,
 * and of what came after it any part, in no order. Of a file that was being written the content may be
 * missing although its name is there.
 */
export async function afterPowerCut(
  start: WritableTree | undefined,
  changes: readonly Change[],
  random: Random,
): Promise<WritableTree> {
  const flushed = changes.findLastIndex(({ kind }) => kind === 'flush') + 1;
  const tree = await replayed(start, changes.slice(0, flushed));
  const fragile = changes.slice(flushed);
  for (const [index, change] of fragile.entries()) {
    if (change.kind === 'flush' || change.kind === 'piece' || random.fraction() < 0.5) continue;
    const isHollow = random.fraction() < 0.5;
    await attempt(async () => {
      if (change.kind === 'makeFolder') await tree.makeFolder(change.path);
      else if (change.kind === 'remove') await tree.remove(change.path);
      else if (change.kind === 'move') await tree.move(change.path, change.to);
      else await tree.write(change.path, isHollow ? [] : piecesAfter(fragile, index));
    });
  }
  return tree;
}

/** What depends on something that was lost is lost too. */
async function attempt(work: () => Promise<void>): Promise<void> {
  await work().catch(() => {});
}

/** The pieces of the write that begins at `index`, as far as they came. */
function* piecesAfter(changes: readonly Change[], index: number): Iterable<Uint8Array> {
  for (let i = index + 1; ; i += 1) {
    const change = changes[i];
    if (change?.kind !== 'piece') return;
    yield change.bytes;
  }
}

export async function copyOf(tree: WritableTree): Promise<WritableTree> {
  const copy = memoryTree();
  await copyBelow(tree, copy, '' as TreePath);
  return copy;
}

async function copyBelow(from: WritableTree, to: WritableTree, folder: TreePath): Promise<void> {
  for await (const entry of from.list(folder)) {
    if (entry.kind === 'file') {
      await to.write(entry.path, from.read(entry.path));
    } else {
      await to.makeFolder(entry.path);
      await copyBelow(from, to, entry.path);
    }
  }
}
