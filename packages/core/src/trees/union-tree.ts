import { treeError } from '../errors.ts';
import type { ReadableTree, TreeEntry } from './tree.ts';
import { nameOf, type TreePath } from './tree-path.ts';

/** Several trees seen through one another: what the first has hides what is of the same name in those below it. */
export function unionTree(...layers: readonly ReadableTree[]): ReadableTree {
  const upper = layers.slice(0, -1);
  const lowest = layers.at(-1);
  const stat = async (path: TreePath): Promise<TreeEntry | undefined> => {
    for (const layer of layers) {
      const entry = await layer.stat(path);
      if (entry !== undefined) return entry;
    }
    return undefined;
  };
  return {
    stat,
    async *list(folder) {
      if ((await stat(folder))?.kind === 'file') throw treeError('not-a-folder');
      const seen = new Set<string>();
      for (const layer of layers) {
        for await (const entry of folderOf(layer, folder)) {
          if (seen.has(nameOf(entry.path))) continue;
          seen.add(nameOf(entry.path));
          yield entry;
        }
      }
    },
    async *read(path, range, options) {
      for (const layer of upper)
        if ((await layer.stat(path)) !== undefined) return yield* layer.read(path, range, options);
      // The lowest says itself what it has not.
      if (lowest === undefined) throw treeError('not-found');
      yield* lowest.read(path, range, options);
    },
    async foresee(paths) {
      for (const layer of layers) await layer.foresee?.(paths);
    },
  };
}

/** Below a folder of an upper layer a lower one may have a file of the same name: it is hidden. */
async function* folderOf(layer: ReadableTree, folder: TreePath): AsyncGenerator<TreeEntry> {
  if ((await layer.stat(folder))?.kind === 'folder') yield* layer.list(folder);
}
