import { createCipheriv } from 'node:crypto';
import { POLY1305_MEMORY, poly1305Loop } from './poly1305-loop.ts';
import { instantiate, type Machine } from './wasm/instantiate.ts';

export const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const LIMBS = [0, 1, 2, 3, 4];
const LIMB_MASK = (1n << 26n) - 1n;
const PRIME = (1n << 130n) - 5n;

/** The bits of r that may be 1. Source: Bernstein, §2. */
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

/** A block is whole: bit 128, as it stands in the last limb. */
const WHOLE = 1 << 24;

let machine: Machine | undefined;

/** Authenticates a message. @param nonce 16 bytes, never used twice with one key @returns 16 bytes */
export type Authenticate = (nonce: Uint8Array, message: Uint8Array) => Uint8Array;

/**
 * Authenticates messages with one key: Poly1305-AES.
 *
 * @param key.k 16 bytes, a key of AES
 * @param key.r 16 bytes; bits that must be 0 are cleared
 *
 * Source: Bernstein, The Poly1305-AES message-authentication code (2005).
 */
export function poly1305Aes(key: { readonly k: Uint8Array; readonly r: Uint8Array }): Authenticate {
  const r = littleEndian(key.r) & CLAMP;
  // Each block by itself, so one serves for all messages: making one takes longer than a page of a database.
  const cipher = createCipheriv('aes-128-ecb', key.k, null).setAutoPadding(false);
  return (nonce, message) => {
    const once = littleEndian(cipher.update(nonce));
    return bytesOf((polynomialOf(message, r) + once) & ((1n << 128n) - 1n));
  };
}

function polynomialOf(message: Uint8Array, r: bigint): bigint {
  machine ??= instantiate(poly1305Loop());
  const { memory, run } = machine;
  const limbs = new BigUint64Array(memory.buffer, 0, 10);
  for (const i of LIMBS) {
    limbs[i] = 0n;
    limbs[5 + i] = (r >> BigInt(26 * i)) & LIMB_MASK;
  }
  const { blocks, blocksBytes } = POLY1305_MEMORY;
  const wholeBytes = message.length - (message.length % BLOCK_BYTES);
  for (let at = 0; at < wholeBytes; at += blocksBytes) {
    const end = Math.min(at + blocksBytes, wholeBytes);
    memory.set(message.subarray(at, end), blocks);
    run(blocks, blocks + end - at, WHOLE);
  }
  if (wholeBytes < message.length) {
    const last = new Uint8Array(BLOCK_BYTES);
    last.set(message.subarray(wholeBytes));
    last[message.length - wholeBytes] = 1;
    memory.set(last, blocks);
    run(blocks, blocks + BLOCK_BYTES, 0);
  }
  const sum = LIMBS.reduce((total, i) => total + ((limbs[i] ?? 0n) << BigInt(26 * i)), 0n);
  return sum % PRIME;
}

function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(TAG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, value & 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(8, value >> 64n, true);
  return bytes;
}
