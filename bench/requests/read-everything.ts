import { type ReadableTree, ROOT, type TreePath } from '@rootcellar/core';

/** Reads every file of a tree, as a restore does. */
export async function readEverything(tree: ReadableTree, folder: TreePath = ROOT): Promise<void> {
  for await (const { path, kind } of tree.list(folder)) {
    if (kind === 'folder') await readEverything(tree, path);
    else for await (const _ of tree.read(path));
  }
}
