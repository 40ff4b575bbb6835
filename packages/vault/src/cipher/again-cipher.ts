import { createCipheriv, type KeyObject } from 'node:crypto';
import { BLOCK_BYTES } from './cipher-record.ts';
import { type BlockCipher, CIPHER_PIECE_BYTES, copyOf, NO_BLOCK } from './whole-blocks.ts';

/**
 * Encrypts content again, where the encrypted bytes are there already to be compared with. CBC makes each block from the
 * one before, so whoever has only the content must wait for one block to begin the next. With both at hand all blocks of a
 * piece can be encrypted at once: block n is E(content n ⊕ encrypted n − 1), and as long as every block came out as it was,
 * that is what CBC gives.
 *
 * Source: NIST SP 800-38A, §6.2.
 */
export class AgainCipher {
  readonly #cipher: BlockCipher;
  /** The last encrypted block of the piece before. */
  readonly #before = Uint8Array.from(NO_BLOCK);

  /** @param cipher AES-256 of single blocks (ECB) */
  constructor(cipher: BlockCipher) {
    this.#cipher = cipher;
  }

  /**
   * The encrypted bytes of a piece of content, whole blocks, up to `CIPHER_PIECE_BYTES`.
   *
   * @param encrypted what should come out
   */
  update(content: Uint8Array, encrypted: Uint8Array): Uint8Array {
    chained.set(this.#before);
    chained.set(encrypted.subarray(0, content.length - BLOCK_BYTES), BLOCK_BYTES);
    this.#before.set(encrypted.subarray(content.length - BLOCK_BYTES, content.length));
    chain(content);
    const blocks = chained.subarray(0, content.length);
    const again = this.#cipher.update(blocks);
    blocks.fill(0);
    return again;
  }
}

export function blockEncryptor(key: KeyObject): BlockCipher {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
}

/** Serves each call. What it holds between two would be content, for whoever has the encrypted bytes: it is erased. */
const chained = new Uint8Array(CIPHER_PIECE_BYTES);
const chainedWords = new Uint32Array(chained.buffer);

/** chained ⊕= content */
function chain(content: Uint8Array): void {
  const isAligned = content.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, length } = isAligned ? content : copyOf(content);
  const words = new Uint32Array(buffer, byteOffset, length / Uint32Array.BYTES_PER_ELEMENT);
  for (let at = 0; at < words.length; at += 1) chainedWords[at] = (chainedWords[at] ?? 0) ^ (words[at] ?? 0);
}
