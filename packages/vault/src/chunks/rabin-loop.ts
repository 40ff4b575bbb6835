import { DEGREE } from './polynomial.ts';
import {
  type Code,
  encodeModule,
  get,
  giveBack,
  i32,
  i64,
  repeatWhile,
  set,
  type Variable,
  Variables,
  when,
} from './wasm/encode.ts';

/** The digest is of this many bytes. Source: restic/chunker, `windowSize`. */
export const WINDOW_BYTES = 64;

/** A chunk ends where the lowest 20 bits of the digest are 0: every MiB, on average. Source: restic/chunker. */
const SPLIT_MASK = (1n << 20n) - 1n;

/** Where the loop finds its numbers. */
export const RABIN_MEMORY = {
  /** For each value of the highest 8 bits of a digest: what removes them, and what they leave. */
  reduce: 0,
  /** For each byte: what it is in a digest when the byte after its window is added. */
  leave: 2048,
  /** The bytes to look at, after as many as a window has. */
  block: 4096 + WINDOW_BYTES,
  blockBytes: 64 * 1024,
} as const;

/**
 * WebAssembly that looks for the first end of a chunk in two stretches of bytes at once: each step depends on the
 * one before it, so one stretch leaves half of a processor idle.
 *
 * Parameters: where the first stretch begins; where the second begins, which comes behind it in the file; and where
 * the first ends: they are equally long. The window before each must be in memory. Gives the place after the byte
 * that ends a chunk, or 0.
 *
 * Source: Rabin, Fingerprinting by random polynomials (1981); restic, doc/design.rst, "Backups and Deduplication".
 */
export function rabinLoop(): Uint8Array<ArrayBuffer> {
  const variables = new Variables(3);
  const [first, second, end] = variables.parameters as [Variable, Variable, Variable];
  const [a, b] = variables.i64(2) as [Variable, Variable];
  const back = variables.i32();
  const found = variables.i32();
  const backwards = (from: Variable): Code => i32.add(get(from), get(back));
  const forward = (at: Variable, by: number): Code => set(at, i32.add(get(at), i32.of(by)));
  const isEnd = (digest: Variable): Code => i64.isZero(i64.and(get(digest), i64.of(SPLIT_MASK)));

  const fillWindow = [
    ...set(a, append(a, backwards(first))),
    ...set(b, append(b, backwards(second))),
    ...forward(back, 1),
  ];
  const slide = [
    ...set(a, i64.xor(append(a, get(first)), leaving(first))),
    ...set(b, i64.xor(append(b, get(second)), leaving(second))),
    ...forward(first, 1),
    ...forward(second, 1),
    ...when(isEnd(a), giveBack(get(first))),
    ...when(isEnd(b), when(i32.isZero(get(found)), set(found, get(second)))),
  ];
  return encodeModule({
    variables,
    body: [
      ...set(back, i32.of(-WINDOW_BYTES)),
      ...repeatWhile(get(back), fillWindow),
      ...repeatWhile(i32.isBelow(get(first), get(end)), slide),
      ...giveBack(get(found)),
    ],
    pages: Math.ceil((RABIN_MEMORY.block + RABIN_MEMORY.blockBytes) / 65536),
  });
}

/** The digest after one more byte: (digest · x^8 + byte) mod polynomial. */
function append(digest: Variable, at: Code): Code {
  const high = i32.wrap(i64.shiftRight(get(digest), i64.of(BigInt(DEGREE - 8))));
  const longer = i64.or(i64.shiftLeft(get(digest), i64.of(8n)), i64.load8(at, 0));
  return i64.xor(longer, entry(RABIN_MEMORY.reduce, high));
}

/** What the byte that leaves the window is in the digest, once the next byte is added. */
function leaving(at: Variable): Code {
  return entry(RABIN_MEMORY.leave, i32.load8(i32.add(get(at), i32.of(-WINDOW_BYTES)), 0));
}

function entry(table: number, index: Code): Code {
  return i64.load(i32.shiftLeft(index, i32.of(3)), table);
}
