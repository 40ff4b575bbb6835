import type { ByteRange, TreeEntry, WritableTree } from './tree.ts';
import type { TreePath } from './tree-path.ts';

/** One thing that is about to be done to a tree. */
export interface TreeOperation {
  readonly kind:
    | 'list'
    | 'stat'
    | 'read'
    | 'makeFolder'
    | 'write'
    | 'writePiece'
    | 'move'
    | 'remove'
    | 'flush';
  readonly path: TreePath;
  /** Counts the operations that change the tree, from 1; reads carry the number of the last change. */
  readonly change: number;
}

/**
 * A tree that fails when it is told to, for tests: a disk that is full, a cable that breaks, a
 * process that dies.
 *
 * @param before called before each operation and before each piece of a written file; what it throws
 *   is what the caller gets, and the operation does not happen
 *
 * @example
 * // The disk is full from the 20th change on.
 * faultyTree(memoryTree(), ({ change }) => {
 *   if (change >= 20) throw treeError('disk-full');
 * });
 */
export function faultyTree(
  tree: WritableTree,
  before: (operation: TreeOperation) => void | Promise<void>,
): WritableTree {
  let changes = 0;
  const reading = (kind: TreeOperation['kind'], path: TreePath) => before({ kind, path, change: changes });
  const changing = (kind: TreeOperation['kind'], path: TreePath) => {
    changes += 1;
    return before({ kind, path, change: changes });
  };
  return {
    async *list(folder: TreePath): AsyncIterable<TreeEntry> {
      await reading('list', folder);
      yield* tree.list(folder);
    },
    async stat(path) {
      await reading('stat', path);
      return tree.stat(path);
    },
    async *read(path: TreePath, range?: ByteRange) {
      await reading('read', path);
      yield* tree.read(path, range);
    },
    async makeFolder(path) {
      await changing('makeFolder', path);
      await tree.makeFolder(path);
    },
    async write(path, content) {
      await changing('write', path);
      await tree.write(
        path,
        (async function* () {
          for await (const piece of content) {
            await changing('writePiece', path);
            yield piece;
          }
        })(),
      );
    },
    async move(from, to) {
      await changing('move', from);
      await tree.move(from, to);
    },
    async remove(path) {
      await changing('remove', path);
      await tree.remove(path);
    },
    freeBytes: () => tree.freeBytes(),
    async flush() {
      await changing('flush', '' as TreePath);
      await tree.flush();
    },
  };
}
