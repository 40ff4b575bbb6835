import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { unwrapKey } from '../keybag/key-wrap.ts';
import { ghash } from './ghash.ts';

/*
 * How a keychain item is sealed: version, protection class and length of the key (4 bytes little-endian each), the key of
 * the item wrapped with the key of its class, the content, and 16 bytes of tag. The content is encrypted with AES-256-GCM
 * and an IV without bytes, so that its counter begins at zero.
 *
 * Source: backup-format §5.7 and its test vector; NIST SP 800-38D. Unknown: versions before 3 (iOS 6 and older).
 */

const KNOWN_VERSION = 3;
const HEADER_BYTES = 12;
const WRAPPED_KEY_BYTES = 40;
const KEY_BYTES = 32;
const TAG_BYTES = 16;

const ZERO_BLOCK = Buffer.alloc(16);
const FIRST_COUNTER = Buffer.from('00000000000000000000000000000001', 'hex');

export interface SealedItem {
  readonly version: number;
  readonly protectionClass: number;
  /** What comes after; only known for version 3. */
  readonly wrappedKey: Uint8Array;
  readonly content: Uint8Array;
}

/** `undefined` if there are not even the numbers of the beginning. */
export function parseSealedItem(bytes: Uint8Array): SealedItem | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const keyEnd = HEADER_BYTES + Math.min(header.getUint32(8, true), bytes.length);
  return {
    version: header.getUint32(0, true),
    protectionClass: header.getUint32(4, true),
    wrappedKey: bytes.subarray(HEADER_BYTES, keyEnd),
    content: bytes.subarray(keyEnd),
  };
}

export function isKnownVersion({ version }: SealedItem): boolean {
  return version === KNOWN_VERSION;
}

/** The content, or `undefined` if it is damaged or of another key. */
export function openItem(item: SealedItem, classKey: Uint8Array): Uint8Array | undefined {
  if (item.wrappedKey.length !== WRAPPED_KEY_BYTES || classKey.length !== KEY_BYTES) return undefined;
  const key = unwrapKey(classKey, item.wrappedKey);
  return key && decryptItem(key, item.content);
}

/**
 * AES-256-GCM with an empty IV.
 *
 * @param sealed the tag at its end
 * @returns `undefined` if the tag does not fit
 */
export function decryptItem(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const text = sealed.subarray(0, -TAG_BYTES);
  const hashKey = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(ZERO_BLOCK);
  // The mask of the tag is the cipher of counter zero, which here is the hash key too.
  const tag = ghash(hashKey, text).map((byte, index) => byte ^ (hashKey[index] as number));
  if (!timingSafeEqual(tag, sealed.subarray(-TAG_BYTES))) return undefined;
  return createCipheriv('aes-256-ctr', key, FIRST_COUNTER).update(text);
}
