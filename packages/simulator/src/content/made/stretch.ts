import { PIECE_BYTES_MAX } from '../../file-system/file-content.ts';
import type { FileContent, Recipe } from '../../file-system/phone-file-system.ts';

/** A part of a file that can write any of its bytes without those before. */
export interface Stretch {
  readonly sizeBytes: number;
  /** Fills `target` with the bytes from `from` on; the caller asks for no more than there are. */
  write(target: Uint8Array, from: number): void;
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
      const whole = joined(open());
      for (let at = start; at < sizeBytes; at += PIECE_BYTES_MAX) {
        const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES_MAX, sizeBytes - at));
        whole.write(piece, at);
        yield piece;
      }
    },
  };
}

export function bytesStretch(bytes: Uint8Array): Stretch {
  return {
    sizeBytes: bytes.length,
    write: (target, from) => target.set(bytes.subarray(from, from + target.length)),
  };
}

/** One after the other. */
export function joined(parts: readonly Stretch[]): Stretch {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    write: (target, from) => {
      let begin = 0;
      for (const part of parts) {
        const end = begin + part.sizeBytes;
        if (end > from && begin < from + target.length) {
          const [first, last] = [Math.max(begin, from), Math.min(end, from + target.length)];
          part.write(target.subarray(first - from, last - from), first - begin);
        }
        begin = end;
      }
    },
  };
}

/** `count` parts of equal size, of which `part` makes each when it is needed. */
export function repeated(count: number, partBytes: number, part: (index: number) => Stretch): Stretch {
  return {
    sizeBytes: count * partBytes,
    write: (target, from) => {
      for (let at = from; at < from + target.length; ) {
        const index = Math.floor(at / partBytes);
        const within = at - index * partBytes;
        const bytes = Math.min(partBytes - within, from + target.length - at);
        part(index).write(target.subarray(at - from, at - from + bytes), within);
        at += bytes;
      }
    },
  };
}
