import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

/** Source: RFC 3394 §2.2.3.1. */
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);

const CIPHER = 'id-aes256-wrap';

/**
 * Takes a key out of its wrapping (RFC 3394, AES-256).
 *
 * @param wrapped 8 bytes longer than the key
 * @returns `undefined` if it was wrapped with another key, or is damaged: its check value tells
 */
export function unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    // Not the bytes: with them, Node takes six times as long, and this is done for each file.
    const decipher = createDecipheriv(CIPHER, createSecretKey(wrappingKey), INITIAL_VALUE);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** @param key a multiple of 8 bytes, 16 at least */
export function wrapKey(wrappingKey: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, wrappingKey, INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}
