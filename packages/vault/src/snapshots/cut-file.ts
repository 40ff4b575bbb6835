import type { ReadableTree, TreeEntry } from '@rootcellar/core';
import { cutContent } from '../chunks/cut-content.ts';
import { cutFor, START_BYTES } from '../chunks/cut-for.ts';

/**
 * Cuts a file of a tree into pieces: a database along its pages, everything else where its content says.
 *
 * @param options.polynomial of the vault
 */
export async function* cutFile(
  tree: ReadableTree,
  entry: TreeEntry,
  { polynomial }: { readonly polynomial: bigint },
): AsyncGenerator<Uint8Array, void> {
  const pieces = tree.read(entry.path, undefined, { lent: true })[Symbol.asyncIterator]();
  try {
    const start = await startOf(pieces);
    yield* cutContent(withStart(start, pieces), { polynomial, cut: cutFor(start, entry.sizeBytes) });
  } finally {
    await pieces.return?.();
  }
}

/** As much as is needed to tell what kind of file it is. */
async function startOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < START_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    if (start.length === 0 && next.value.length >= START_BYTES) return next.value;
    // What was lent must not be kept while more is asked for.
    start = Buffer.concat([start, next.value]);
  }
  return start;
}

async function* withStart(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
