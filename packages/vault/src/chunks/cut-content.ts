import { LineCutter } from './line-cutter.ts';
import { RabinCutter } from './rabin.ts';

/** How content is cut into chunks. */
export interface CutOptions {
  /** Of the vault: see `newPolynomial`. Two cuts agree only if it is the same. */
  readonly polynomial: bigint;
  /**
   * Where chunks end: `rabin` where the content says so, which finds again what moved within a file; after every so many
   * bytes, which keeps apart the pages of a database; or after some of the `lines` of a list. See `cutFor`.
   */
  readonly cut: Cut;
}

export type Cut = 'rabin' | 'lines' | { readonly pageBytes: number };

/** What decides where a chunk ends. */
export interface Cutter {
  readonly chunkBytesMax: number;
  /** How many bytes of a piece belong to the chunk that has begun, if it ends within the piece. */
  findEnd(piece: Uint8Array): number | undefined;
}

/**
 * Cuts content into chunks. Nothing, for content that is empty.
 *
 * @param source the content in pieces of any size; they are not kept
 * @returns chunks in their order, each in memory of its own, so that it can be transferred to a thread
 */
export async function* cutContent(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { polynomial, cut }: CutOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const cutter = cutterFor(cut, polynomial);
  const chunk = new GrowingChunk(cutter.chunkBytesMax);
  for await (const piece of source) {
    let rest = piece;
    while (rest.length > 0) {
      const end = cutter.findEnd(rest);
      chunk.append(rest.subarray(0, end));
      if (end === undefined) break;
      yield chunk.take();
      rest = rest.subarray(end);
    }
  }
  if (chunk.bytes > 0) yield chunk.take();
  chunk.giveBack();
}

function cutterFor(cut: Cut, polynomial: bigint): Cutter {
  if (cut === 'rabin') return new RabinCutter(polynomial);
  return cut === 'lines' ? new LineCutter() : new PageCutter(cut.pageBytes);
}

class PageCutter implements Cutter {
  readonly chunkBytesMax: number;
  #bytes = 0;

  constructor(pageBytes: number) {
    this.chunkBytesMax = pageBytes;
  }

  findEnd(piece: Uint8Array): number | undefined {
    const missing = this.chunkBytesMax - this.#bytes;
    this.#bytes = piece.length < missing ? this.#bytes + piece.length : 0;
    return piece.length < missing ? undefined : missing;
  }
}

/** Most files are smaller than this. */
const GROWING_BYTES_FIRST = 64 * 1024;

/** Of content that was cut to its end: files are cut one after the other, and there are many. */
let spareMemory: Uint8Array<ArrayBuffer> | undefined;

/** The chunk that has begun. Its memory grows with the first chunk and serves all that follow, of other files too. */
class GrowingChunk {
  readonly #bytesMax: number;
  #memory: Uint8Array<ArrayBuffer>;
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#memory = spareMemory ?? new Uint8Array(GROWING_BYTES_FIRST);
    spareMemory = undefined;
  }

  append(piece: Uint8Array): void {
    const bytes = this.bytes + piece.length;
    if (bytes > this.#memory.length) {
      const larger = new Uint8Array(Math.min(this.#bytesMax, Math.max(bytes, 2 * this.#memory.length)));
      larger.set(this.#memory.subarray(0, this.bytes));
      this.#memory = larger;
    }
    this.#memory.set(piece, this.bytes);
    this.bytes = bytes;
  }

  take(): Uint8Array<ArrayBuffer> {
    const chunk = this.#memory.slice(0, this.bytes);
    this.bytes = 0;
    return chunk;
  }

  giveBack(): void {
    spareMemory = this.#memory;
  }
}
