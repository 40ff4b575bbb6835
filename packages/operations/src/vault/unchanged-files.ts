import { nameOf, type ReadableTree, ROOT, type TreeEntry, type TreePath } from '@rootcellar/core';

/**
 * Names of the blobs that have the same size and date as before, without a look at the content.
 *
 * @param before the device folder as the phone had sent it
 */
export async function unchangedFiles(tree: ReadableTree, before: ReadableTree): Promise<ReadonlySet<string>> {
  const unchanged = new Set<string>();
  for await (const { path: folder, kind } of before.list(ROOT)) {
    if (kind !== 'folder') continue;
    const now = new Map<TreePath, TreeEntry>();
    for await (const entry of tree.list(folder)) now.set(entry.path, entry);
    for await (const then of before.list(folder))
      if (isSame(now.get(then.path), then)) unchanged.add(nameOf(then.path));
  }
  return unchanged;
}

function isSame(now: TreeEntry | undefined, then: TreeEntry): boolean {
  return (
    now?.kind === 'file' &&
    then.kind === 'file' &&
    now.sizeBytes === then.sizeBytes &&
    now.modifiedAt.getTime() === then.modifiedAt.getTime()
  );
}
