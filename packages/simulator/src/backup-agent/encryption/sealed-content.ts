import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { FileContent } from '../../file-system/phone-file-system.ts';

const BLOCK_BYTES = 16;
const NO_VECTOR = Buffer.alloc(BLOCK_BYTES);

/** Node ciphers larger pieces several times slower. */
const PIECE_BYTES = 256 * 1024;

/**
 * A content under a key of its own, made while it is read: one stream of AES-256-CBC with PKCS#7 padding.
 * Source: backup-format specification, sections 5.5 and 5.6.
 */
export function sealedContent(content: FileContent, key: Uint8Array): FileContent {
  return {
    sizeBytes: Math.floor(content.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES + BLOCK_BYTES,
    async *read(start = 0) {
      const cipher = createCipheriv('aes-256-cbc', key, NO_VECTOR);
      let skip = start;
      const fromStart = (sealed: Uint8Array): Uint8Array => {
        const rest = sealed.subarray(Math.min(skip, sealed.length));
        skip -= sealed.length - rest.length;
        return rest;
      };
      for await (const piece of content.read()) {
        for (let at = 0; at < piece.length; at += PIECE_BYTES) {
          const sealed = fromStart(cipher.update(piece.subarray(at, at + PIECE_BYTES)));
          if (sealed.length > 0) yield sealed;
        }
      }
      yield fromStart(cipher.final());
    },
  };
}

/** Thrown where a payload does not end as its key says: cut, or not encrypted at all. */
export class NotSealed extends Error {}

/** The bytes inside, while the sealed ones arrive. @throws NotSealed at their end */
export async function* unsealed(
  pieces: AsyncIterable<Uint8Array>,
  key: Uint8Array,
): AsyncIterable<Uint8Array> {
  const decipher = createDecipheriv('aes-256-cbc', key, NO_VECTOR);
  for await (const piece of pieces) {
    const opened = decipher.update(piece);
    if (opened.length > 0) yield opened;
  }
  yield lastOf(decipher);
}

function lastOf(decipher: ReturnType<typeof createDecipheriv>): Uint8Array {
  try {
    return decipher.final();
  } catch {
    throw new NotSealed('A payload does not end with padding');
  }
}
