import { PIECE_BYTES_MAX } from '../../file-system/file-content.ts';
import type { FileContent, Recipe } from '../../file-system/phone-file-system.ts';

/** A part of a file that can begin anywhere within it, without making what is before. */
export interface Stretch {
  readonly sizeBytes: number;
  /** The bytes from `from` to the end. Mostly windows into what others read as well: never write to them. */
  pieces(from: number): Iterable<Uint8Array>;
}

/**
 * Content that is made while it is read, and whose size is known before.
 *
 * @param open gives the stretches of the file, `sizeBytes` together; called at each reading
 */
export function madeContent(recipe: Recipe, sizeBytes: number, open: () => readonly Stretch[]): FileContent {
  return {
    sizeBytes,
    recipe,
    async *read(start = 0) {
      yield* joined(open()).pieces(start);
    },
  };
}

export function bytesStretch(bytes: Uint8Array): Stretch {
  return {
    sizeBytes: bytes.length,
    *pieces(from) {
      for (let at = from; at < bytes.length; at += PIECE_BYTES_MAX) {
        yield bytes.subarray(at, at + PIECE_BYTES_MAX);
      }
    },
  };
}

/** One after the other. */
export function joined(parts: readonly Stretch[]): Stretch {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    *pieces(from) {
      let begin = 0;
      for (const part of parts) {
        const end = begin + part.sizeBytes;
        if (end > from) yield* part.pieces(Math.max(0, from - begin));
        begin = end;
      }
    },
  };
}

/** Parts of equal size, but for a shorter last one, of which `part` makes each when it is needed. */
export function repeated(
  sizeBytes: number,
  partBytes: number,
  part: (index: number, bytes: number) => Stretch,
): Stretch {
  return {
    sizeBytes,
    *pieces(from) {
      for (let at = from; at < sizeBytes; ) {
        const index = Math.floor(at / partBytes);
        const begin = index * partBytes;
        const bytes = Math.min(partBytes, sizeBytes - begin);
        yield* part(index, bytes).pieces(at - begin);
        at = begin + bytes;
      }
    },
  };
}
