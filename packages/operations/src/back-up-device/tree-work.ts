import { type ReadableTree, ROOT, type TreeEntry, type TreePath, type WritableTree } from '@rootcellar/core';

/** Folders before what they hold. */
export async function* everything(tree: ReadableTree, folder: TreePath = ROOT): AsyncGenerator<TreeEntry> {
  for (const entry of await Array.fromAsync(tree.list(folder))) {
    yield entry;
    if (entry.kind === 'folder') yield* everything(tree, entry.path);
  }
}

/** Under its final name only when it is whole and durable. */
export async function writeWhole(
  home: WritableTree,
  path: TreePath,
  content: string | Iterable<Uint8Array>,
): Promise<void> {
  const draft = `${path}.draft` as TreePath;
  await home.write(draft, typeof content === 'string' ? [Buffer.from(content)] : content);
  await home.flush();
  await home.move(draft, path);
  await home.flush();
}

export async function hasFiles(tree: ReadableTree): Promise<boolean> {
  for await (const _ of tree.list(ROOT)) return true;
  return false;
}

export async function countFiles(
  tree: ReadableTree,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  for await (const entry of everything(tree)) {
    if (entry.kind === 'file') files += 1;
    bytes += entry.sizeBytes;
  }
  return { files, bytes };
}

export async function removeIfEmpty(home: WritableTree, folder: TreePath): Promise<void> {
  for await (const _ of home.list(folder)) return;
  await home.remove(folder);
}
