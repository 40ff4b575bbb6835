import { memoryTree, partOf, type ReadableTree, type TreeEntry, type TreePath } from '@rootcellar/core';

/** Makes the content of a file, the same each time. */
export type MakeContent = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Files that are made whenever they are read: lists that would take much memory. To know their sizes, each is made once
 * here.
 *
 * @param modifiedAt of all of them; two trees of the same files are the same then. Default: now
 * @throws what making them throws
 */
export async function generatedTree(
  files: ReadonlyMap<TreePath, MakeContent>,
  modifiedAt?: Date,
): Promise<ReadableTree> {
  const names = memoryTree();
  const sizes = new Map<TreePath, number>();
  for (const [path, make] of files) {
    let sizeBytes = 0;
    for await (const piece of make()) sizeBytes += piece.length;
    sizes.set(path, sizeBytes);
    await names.write(path, []);
  }
  const sized = (entry: TreeEntry): TreeEntry => ({
    ...entry,
    ...(modifiedAt && { modifiedAt }),
    sizeBytes: sizes.get(entry.path) ?? 0,
  });
  return {
    async *list(folder) {
      for await (const entry of names.list(folder)) yield sized(entry);
    },
    async stat(path) {
      const entry = await names.stat(path);
      return entry && sized(entry);
    },
    async *read(path, range = { start: 0 }) {
      const make = files.get(path);
      // Throws what a tree throws for what is no file.
      if (make === undefined) yield* names.read(path);
      else yield* partOf(make(), range);
    },
  };
}
