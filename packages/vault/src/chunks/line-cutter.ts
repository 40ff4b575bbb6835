import { crc32 } from 'node:zlib';
import type { Cutter } from './cut-content.ts';

/** One line of so many ends a chunk. */
const LINES_EACH = 32;

const CHUNK_BYTES_MAX = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Cuts after some of the lines of a list, each of which decides that by itself: wherever lines come and go, the chunks
 * around stay as they are. A list of lines in order changes here and there in each version, and of chunks of a MiB none
 * would survive that.
 */
export class LineCutter implements Cutter {
  readonly chunkBytesMax = CHUNK_BYTES_MAX;
  /** Of the chunk that has begun. */
  #bytes = 0;
  /** Of the line that has begun. */
  #checksum = 0;

  findEnd(piece: Uint8Array): number | undefined {
    for (let at = 0; at < piece.length; ) {
      const lineFeed = piece.indexOf(LINE_FEED, at);
      const lineEnd = lineFeed < 0 ? piece.length : lineFeed + 1;
      const end = Math.min(lineEnd, at + this.chunkBytesMax - this.#bytes);
      this.#checksum = crc32(piece.subarray(at, end), this.#checksum);
      this.#bytes += end - at;
      at = end;
      const isLine = lineFeed >= 0 && end === lineEnd;
      const isCut = (isLine && this.#checksum % LINES_EACH === 0) || this.#bytes === this.chunkBytesMax;
      if (isLine) this.#checksum = 0;
      if (!isCut) continue;
      this.#bytes = 0;
      return at;
    }
    return undefined;
  }
}
