import { createCipheriv } from 'node:crypto';
import { seededRandom } from '@rootcellar/core';
import { bytesStretch, repeated, type Stretch } from './stretch.ts';

/** Bytes that stand together in the source. */
export const STRIPE_BYTES = 64 * 1024;

/**
 * Large enough that the stripes of a megabyte hardly overlap, so that neither compressing nor
 * deduplicating programs find much that is the same.
 */
const SOURCE_BYTES = 32 * 1024 * 1024;

let source: Uint8Array | undefined;

/**
 * Bytes without order: what a photo, a film or an encrypted file looks like from outside. Nothing is
 * computed while it is read: each stripe is a window into one source, at a place that the seed decides.
 */
export function noiseStretch(seed: string, sizeBytes: number): Stretch {
  return repeated(sizeBytes, STRIPE_BYTES, (index, bytes) => bytesStretch(noiseStripe(seed, index, bytes)));
}

/** @param bytes at most 64 KiB */
export function noiseStripe(seed: string, index: number, bytes: number): Uint8Array {
  source ??= drawSource();
  const place = seededRandom(`${seed}/${index}`).below(SOURCE_BYTES - STRIPE_BYTES);
  return source.subarray(place, place + bytes);
}

/** The key stream of AES for a key everybody knows: the same on every machine, and drawn at once. */
function drawSource(): Uint8Array {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(SOURCE_BYTES));
}
