import { createCipheriv, createDecipheriv } from 'node:crypto';

/** A wrapped key of 32 bytes: eight more, by which a wrong key is noticed. */
export const WRAPPED_KEY_BYTES = 40;

const CIPHER = 'id-aes256-wrap';
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);

/** Locks a key with another one of 32 bytes. Source: RFC 3394. */
export function wrapKey(lock: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, lock, INITIAL_VALUE);
  return new Uint8Array(Buffer.concat([cipher.update(key), cipher.final()]));
}

/** @returns `undefined` if `lock` does not fit, or if `wrapped` is not what `wrapKey` gave */
export function unwrapKey(lock: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  if (wrapped.length !== WRAPPED_KEY_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, lock, INITIAL_VALUE);
    return new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()]));
  } catch {
    return undefined;
  }
}

/**
 * What stands before a wrapped key where its class is not clear from elsewhere: the class, in four
 * bytes with the lowest first – the other way round than in a keybag.
 * Source: backup-format specification, sections 5.4 and 5.5.
 */
export function encodeClassedKey(protectionClass: number, wrapped: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + wrapped.length);
  new DataView(bytes.buffer).setUint32(0, protectionClass, true);
  bytes.set(wrapped, 4);
  return bytes;
}

/** Opens what `encodeClassedKey` wrote. @returns `undefined` if no key of `classKeys` does */
export function openClassedKey(
  classKeys: ReadonlyMap<number, Uint8Array>,
  bytes: Uint8Array,
): Uint8Array | undefined {
  if (bytes.length !== 4 + WRAPPED_KEY_BYTES) return undefined;
  const protectionClass = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const lock = classKeys.get(protectionClass);
  return lock && unwrapKey(lock, bytes.subarray(4));
}
