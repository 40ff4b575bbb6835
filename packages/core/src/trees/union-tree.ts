import { treeError } from '../errors.ts';
import type { ReadableTree, TreeEntry } from './tree.ts';
import { nameOf, type TreePath } from './tree-path.ts';

/** Several trees seen through one another: what the first has hides what is of the same name in those below it. */
export function unionTree(...layers: readonly ReadableTree[]): ReadableTree {
  const layerWith = async (path: TreePath): Promise<ReadableTree | undefined> => {
    for (const layer of layers) if ((await layer.stat(path)) !== undefined) return layer;
    return undefined;
  };
  return {
    async *list(folder) {
      const top = await layerWith(folder);
      if ((await top?.stat(folder))?.kind === 'file') throw treeError('not-a-folder');
      const seen = new Set<string>();
      for (const layer of layers) {
        for await (const entry of folderOf(layer, folder)) {
          if (seen.has(nameOf(entry.path))) continue;
          seen.add(nameOf(entry.path));
          yield entry;
        }
      }
    },
    stat: async (path) => (await layerWith(path))?.stat(path),
    async *read(path, range, options) {
      const layer = await layerWith(path);
      if (layer === undefined) throw treeError('not-found');
      yield* layer.read(path, range, options);
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
