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
  /** The lowest says itself what it has not. */
  const layerOf = async (path: TreePath): Promise<ReadableTree | undefined> => {
    for (const layer of upper) if ((await layer.stat(path)) !== undefined) return layer;
    return lowest;
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
      const layer = await layerOf(path);
      if (layer === undefined) throw treeError('not-found');
      yield* layer.read(path, range, options);
    },
    /** Only the layer that will be asked: what another has on its way would wait for readers who never come. */
    async foresee(paths) {
      try {
        const pathsOf = new Map<ReadableTree | undefined, TreePath[]>(layers.map((layer) => [layer, []]));
        for (const path of paths) pathsOf.get(await layerOf(path))?.push(path);
        for (const [layer, its] of pathsOf) if (its.length > 0) await layer?.foresee?.(its);
      } catch {
        // Whoever reads them is told.
      }
    },
  };
}

/** Below a folder of an upper layer a lower one may have a file of the same name: it is hidden. */
async function* folderOf(layer: ReadableTree, folder: TreePath): AsyncGenerator<TreeEntry> {
  if ((await layer.stat(folder))?.kind === 'folder') yield* layer.list(folder);
}
