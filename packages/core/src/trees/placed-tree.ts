import { treeError } from '../errors.ts';
import type { ReadableTree, TreeEntry, WritableTree } from './tree.ts';
import { isInside, joinPath, ROOT, type TreePath, treePath } from './tree-path.ts';

/** A folder of a tree as a tree of its own. It need not exist yet. */
export function subTree(tree: WritableTree, folder: TreePath): WritableTree;
export function subTree(tree: ReadableTree, folder: TreePath): ReadableTree;
export function subTree(tree: ReadableTree, folder: TreePath): ReadableTree {
  // What can only be read is given back as such: nobody can call what writes.
  return placed(tree as WritableTree, {
    inward: (path) => (path === ROOT ? folder : joinPath(folder, path)),
    outward: (path) => (path === folder ? ROOT : treePath(path.slice(folder.length + 1))),
    emptyRoot: folder,
  });
}

/**
 * A tree as the only folder, called `name`, of a tree around it. A backup may lie in a folder of any
 * name; the device wants to see it under its own.
 */
export function nestedTree(tree: WritableTree, name: string): WritableTree;
export function nestedTree(tree: ReadableTree, name: string): ReadableTree;
export function nestedTree(tree: ReadableTree, name: string): ReadableTree {
  const folder = joinPath(ROOT, name);
  const nested = placed(tree as WritableTree, {
    inward: (path) => {
      if (!isInside(path, folder) || path === ROOT) throw treeError('path-unsafe', { reason: 'outside' });
      return path === folder ? ROOT : treePath(path.slice(folder.length + 1));
    },
    outward: (path) => (path === ROOT ? folder : joinPath(folder, path)),
  });
  const isOurs = (path: TreePath) => path !== ROOT && isInside(path, folder);
  return {
    ...nested,
    async *list(path) {
      if (isOurs(path)) yield* nested.list(path);
      else if (path === ROOT) yield { ...(await rootEntry(tree)), path: folder };
    },
    async stat(path) {
      if (path === ROOT) return rootEntry(tree);
      return isOurs(path) ? nested.stat(path) : undefined;
    },
    async *read(path, range, options) {
      if (path === ROOT) throw treeError('is-a-folder');
      if (!isOurs(path)) throw treeError('not-found');
      yield* nested.read(path, range, options);
    },
  };
}

interface Placing {
  /** A path as the user of the new tree says it → as the old tree says it. */
  readonly inward: (path: TreePath) => TreePath;
  readonly outward: (path: TreePath) => TreePath;
  /** The folder that plays the root, when it may be missing: a root always exists. */
  readonly emptyRoot?: TreePath;
}

function placed(tree: WritableTree, { inward, outward, emptyRoot }: Placing): WritableTree {
  const renamed = (entry: TreeEntry): TreeEntry => ({ ...entry, path: outward(entry.path) });
  /** Nothing for what has no place in the other tree. */
  const inwardIfAny = (path: TreePath): readonly TreePath[] => {
    try {
      return [inward(path)];
    } catch {
      return [];
    }
  };
  return {
    async *list(folder) {
      for await (const entry of tree.list(inward(folder))) yield renamed(entry);
    },
    async stat(path) {
      const entry = await tree.stat(inward(path));
      if (entry !== undefined) return renamed(entry);
      if (path !== ROOT || emptyRoot === undefined) return undefined;
      return { path: ROOT, kind: 'folder', sizeBytes: 0, modifiedAt: new Date(0) };
    },
    read: (path, range, options) => tree.read(inward(path), range, options),
    foresee: async (paths) => tree.foresee?.(paths.flatMap(inwardIfAny)),
    makeFolder: async (path) => tree.makeFolder(inward(path)),
    write: async (path, content) => tree.write(inward(path), content),
    move: async (from, to) => tree.move(inward(from), inward(to)),
    async remove(path) {
      if (path !== ROOT) return tree.remove(inward(path));
      for await (const entry of tree.list(inward(ROOT))) await tree.remove(entry.path);
    },
    freeBytes: () => tree.freeBytes(),
    flush: () => tree.flush(),
  };
}

async function rootEntry(tree: ReadableTree): Promise<TreeEntry> {
  const entry = await tree.stat(ROOT);
  return entry ?? { path: ROOT, kind: 'folder', sizeBytes: 0, modifiedAt: new Date(0) };
}
