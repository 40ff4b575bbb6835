import type { ByteRange } from '../trees/tree.ts';

/** The bytes of a range, out of all of them; no more pieces are asked for than it needs. */
export async function* partOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { start, end = Number.POSITIVE_INFINITY }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    const part = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.length;
    if (part.length > 0) yield part;
    if (at >= end) return;
  }
}
