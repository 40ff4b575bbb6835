import { BLOCK_BYTES, wholeBytes } from './cipher-record.ts';

/** OpenSSL's output for one large piece costs several times that of many small ones. */
export const CIPHER_PIECE_BYTES = 128 * 1024;

/**
 * The same bytes, in pieces of whole blocks, none of which is large.
 *
 * @param onRest called once at the end, with up to 15 bytes that are no whole block
 */
export async function* wholeBlocks(
  source: AsyncIterable<Uint8Array>,
  onRest: (rest: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of source) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const whole = wholeBytes(bytes.length);
    for (let at = 0; at < whole; at += CIPHER_PIECE_BYTES)
      yield bytes.subarray(at, Math.min(at + CIPHER_PIECE_BYTES, whole));
    rest = copyOf(bytes.subarray(whole));
  }
  onRest(rest);
}

/** A stream of whole blocks, encrypted or decrypted. */
export interface BlockCipher {
  update(blocks: Uint8Array): Uint8Array;
}

/** What is kept must not change with the memory it came in, nor hold on to it: `slice` of a Buffer is no copy. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The block before the first one. */
export const NO_BLOCK: Uint8Array = new Uint8Array(BLOCK_BYTES);
