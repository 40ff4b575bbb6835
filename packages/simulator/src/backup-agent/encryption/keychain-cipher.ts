import { createCipheriv } from 'node:crypto';

/*
 * AES-256-GCM with an IV of no bytes at all, which libraries refuse: the counter then begins at zero.
 * Source: backup-format specification, section 5.7; NIST SP 800-38D, sections 6.4 and 7.1.
 */

export const TAG_BYTES = 16;

const BLOCK_BYTES = 16;
const ZERO = Buffer.alloc(BLOCK_BYTES);
const FIRST_COUNTER = Buffer.from('00000000000000000000000000000001', 'hex');

/** @returns the ciphertext, and the tag after it */
export function sealItem(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const sealed = keyStream(key, plain);
  return Buffer.concat([sealed, tagOf(key, sealed)]);
}

/** @returns `undefined` if the tag does not fit */
export function openItem(key: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < TAG_BYTES) return undefined;
  const sealed = bytes.subarray(0, bytes.length - TAG_BYTES);
  if (!tagOf(key, sealed).equals(bytes.subarray(sealed.length))) return undefined;
  return new Uint8Array(keyStream(key, sealed));
}

function keyStream(key: Uint8Array, bytes: Uint8Array): Buffer {
  return createCipheriv('aes-256-ctr', key, FIRST_COUNTER).update(bytes);
}

function tagOf(key: Uint8Array, sealed: Uint8Array): Buffer {
  const block = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(ZERO);
  const subkey = numberOf(block);
  let hash = 0n;
  for (let at = 0; at < sealed.length; at += BLOCK_BYTES) {
    const padded = Buffer.alloc(BLOCK_BYTES);
    padded.set(sealed.subarray(at, at + BLOCK_BYTES));
    hash = multiply(hash ^ numberOf(padded), subkey);
  }
  hash = multiply(hash ^ BigInt(sealed.length * 8), subkey);
  // Both the hash key and the mask of the tag are the cipher of the zero block, as the counter is zero.
  return bytesOf(hash ^ subkey);
}

/** The polynomial of GCM, with its bits the other way round. */
const REDUCTION = 0xe1n << 120n;

function multiply(x: bigint, y: bigint): bigint {
  let product = 0n;
  let shifted = y;
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((x >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ REDUCTION : shifted >> 1n;
  }
  return product;
}

function numberOf(block: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(block).toString('hex')}`);
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * BLOCK_BYTES, '0'), 'hex');
}
