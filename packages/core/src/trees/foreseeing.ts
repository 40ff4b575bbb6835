import type { ReadableTree, TreeEntry } from './tree.ts';

/** What is told at a time, in bytes of content. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** What is told at a time, in items: what is known of each that is on its way takes a KiB. */
const BATCH_ITEMS = 400;

/** A file that will be read. */
type FileToRead = Pick<TreeEntry, 'path' | 'sizeBytes'>;

/**
 * Passes items on, and tells the tree some MiB before they come which files they stand for: for whoever reads one file
 * after the other.
 *
 * @param fileOf nothing for what is no file, or will not be read
 */
export async function* foreseeing<Item>(
  tree: ReadableTree,
  items: AsyncIterable<Item> | Iterable<Item>,
  fileOf: (item: Item) => FileToRead | undefined,
): AsyncGenerator<Item, void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const nextBatch = async (): Promise<readonly Item[]> => {
    const batch: Item[] = [];
    const files: FileToRead[] = [];
    for (let bytes = 0; bytes < BATCH_BYTES && batch.length < BATCH_ITEMS; ) {
      const next = await source.next();
      if (next.done) break;
      batch.push(next.value);
      const file = fileOf(next.value);
      if (file === undefined) continue;
      files.push(file);
      bytes += file.sizeBytes;
    }
    await tree.foresee?.(files.map(({ path }) => path));
    return batch;
  };
  try {
    for (let now = await nextBatch(); now.length > 0; ) {
      const next = await nextBatch();
      yield* now;
      now = next;
    }
  } finally {
    await source.return?.();
  }
}

/** For entries of the tree itself. */
export function entryToRead(entry: TreeEntry): FileToRead | undefined {
  return entry.kind === 'file' ? entry : undefined;
}
