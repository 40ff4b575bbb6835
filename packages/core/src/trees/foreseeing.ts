import type { ReadableTree, TreeEntry } from './tree.ts';

/** What is told at a time, in bytes of content. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** What is told at a time, in files: empty ones cost nothing but their names. */
const BATCH_FILES = 1000;

/**
 * Passes entries on, and tells the tree that they are of which files come next, some MiB before they do: for whoever
 * reads one after the other.
 */
export async function* foreseeing(
  tree: ReadableTree,
  entries: AsyncIterable<TreeEntry>,
): AsyncGenerator<TreeEntry, void> {
  const source = entries[Symbol.asyncIterator]();
  try {
    for (let now = await foreseen(tree, source); now.length > 0; ) {
      const next = await foreseen(tree, source);
      yield* now;
      now = next;
    }
  } finally {
    await source.return?.();
  }
}

async function foreseen(tree: ReadableTree, source: AsyncIterator<TreeEntry>): Promise<readonly TreeEntry[]> {
  const batch: TreeEntry[] = [];
  for (let bytes = 0; bytes < BATCH_BYTES && batch.length < BATCH_FILES; ) {
    const next = await source.next();
    if (next.done) break;
    batch.push(next.value);
    bytes += next.value.sizeBytes;
  }
  await tree.foresee?.(batch.filter(({ kind }) => kind === 'file').map(({ path }) => path));
  return batch;
}
