import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { freeBytes } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import { type Authenticate, poly1305Aes, TAG_BYTES } from './poly1305.ts';

/** The keys of one vault, or those that a password gives. Its bytes must not change: they are read once. */
export interface SealKey {
  /** 32 bytes, for AES-256-CTR. */
  readonly encrypt: Uint8Array;
  /** 16 bytes: `k` of Poly1305-AES. */
  readonly macK: Uint8Array;
  /** 16 bytes: `r` of Poly1305-AES. */
  readonly macR: Uint8Array;
}

const NONCE_BYTES = 16;

/** How much longer sealed bytes are than plain ones. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** OpenSSL's output for one large piece costs five times that of many small ones. */
const PIECE_BYTES = 128 * 1024;

/** Nonces are drawn so many at a time: the call takes as long as sealing a small blob. */
const NONCES_AT_A_TIME = 1024;

let nonces: Uint8Array = new Uint8Array(0);

/** Never given out again. */
function newNonce(): Uint8Array {
  if (nonces.length === 0) nonces = randomBytes(NONCES_AT_A_TIME * NONCE_BYTES);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

/**
 * Encrypts bytes, and adds what shows whether they were changed: nonce ‖ AES-256-CTR ‖ Poly1305-AES over the
 * encrypted bytes.
 *
 * Source: restic, doc/design.rst, "Keys, Encryption and MAC".
 */
export function sealBytes(key: SealKey, plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const { encrypt, authenticate } = readyKeyFor(key);
  const nonce = newNonce();
  const sealed = unfilledBytes(plain.length + SEAL_BYTES);
  sealed.set(nonce);
  const content = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  transform(createCipheriv('aes-256-ctr', encrypt, nonce), plain, content);
  sealed.set(authenticate(nonce, content), sealed.length - TAG_BYTES);
  return sealed;
}

/**
 * The reverse of `sealBytes`.
 *
 * @throws `vault.sealed-damaged` if one bit was changed, or another key sealed them
 */
export function openBytes(key: SealKey, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const { encrypt, authenticate } = readyKeyFor(key);
  const sealedBytes = sealed.length;
  if (sealedBytes < SEAL_BYTES) throw vaultError('sealed-damaged', { sealedBytes });
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const content = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  if (!timingSafeEqual(authenticate(nonce, content), sealed.subarray(-TAG_BYTES)))
    throw vaultError('sealed-damaged', { sealedBytes });
  const decipher = createDecipheriv('aes-256-ctr', encrypt, nonce);
  if (content.length <= PIECE_BYTES) {
    const made = decipher.update(content);
    return new Uint8Array(made.buffer, made.byteOffset, made.length);
  }
  const plain = unfilledBytes(content.length);
  transform(decipher, content, plain);
  return plain;
}

/** A key as OpenSSL wants it. Making it so takes as long as sealing a page of a database. */
interface ReadyKey {
  readonly encrypt: KeyObject;
  readonly authenticate: Authenticate;
}

const readyKeys = new WeakMap<SealKey, ReadyKey>();

function readyKeyFor(key: SealKey): ReadyKey {
  const known = readyKeys.get(key);
  if (known !== undefined) return known;
  const authenticate = poly1305Aes({ k: key.macK, r: key.macR });
  const ready = { encrypt: createSecretKey(key.encrypt), authenticate };
  readyKeys.set(key, ready);
  return ready;
}

/** Of their own memory, for whoever fills all of them. */
function unfilledBytes(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}

function transform(
  cipher: { update(bytes: Uint8Array): Uint8Array },
  from: Uint8Array,
  to: Uint8Array,
): void {
  for (let at = 0; at < from.length; at += PIECE_BYTES) {
    const piece = cipher.update(from.subarray(at, at + PIECE_BYTES));
    to.set(piece, at);
    freeBytes(piece);
  }
}
