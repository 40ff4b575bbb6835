import { createHash } from 'node:crypto';
import type { FileContent } from './phone-file-system.ts';

/** As `FileContent.read` promises. */
export const PIECE_BYTES_MAX = 1024 * 1024;

/** Content that is simply there. The bytes must not change afterwards. */
export function bytesContent(bytes: Uint8Array): FileContent {
  return {
    sizeBytes: bytes.length,
    async *read(start = 0) {
      for (let at = start; at < bytes.length; at += PIECE_BYTES_MAX) {
        yield bytes.subarray(at, at + PIECE_BYTES_MAX);
      }
    },
  };
}

/** Content kept as the pieces it arrived in. */
export function piecesContent(pieces: readonly Uint8Array[]): FileContent {
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    sizeBytes,
    async *read(start = 0) {
      let skip = start;
      for (const piece of pieces) {
        const rest = piece.subarray(Math.min(skip, piece.length));
        skip = Math.max(0, skip - piece.length);
        for (let at = 0; at < rest.length; at += PIECE_BYTES_MAX) {
          yield rest.subarray(at, at + PIECE_BYTES_MAX);
        }
      }
    },
  };
}

/** The whole content in memory: for small files only. */
export async function readWhole(content: FileContent): Promise<Uint8Array> {
  const bytes = new Uint8Array(content.sizeBytes);
  let filled = 0;
  for await (const piece of content.read()) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

export async function sha1Of(content: FileContent): Promise<Uint8Array> {
  const hash = createHash('sha1');
  for await (const piece of content.read()) hash.update(piece);
  return hash.digest();
}
