import { seededRandom } from '@rootcellar/core';
import type { Stretch } from './stretch.ts';

/** Bytes that are masked alike. */
const STRIPE_BYTES = 256 * 1024;

/** Chance drawn once, from which every stripe takes a window. */
const SOURCE_BYTES = 4 * 1024 * 1024;

let source: Uint32Array | undefined;

/** Every stripe passes through here on its way to an odd address. One thread, and no waiting within. */
const scratch = new Uint32Array(STRIPE_BYTES / 4);
const scratchBytes = new Uint8Array(scratch.buffer);

/**
 * Bytes without order that nothing compresses: what a photo, a film or an encrypted file looks like
 * from outside. Different for each seed, also where the window into the source is the same.
 */
export function noiseStretch(seed: string, sizeBytes: number): Stretch {
  return {
    sizeBytes,
    write: (target, from) => {
      for (let at = from; at < from + target.length; ) {
        const stripe = Math.floor(at / STRIPE_BYTES);
        const within = at - stripe * STRIPE_BYTES;
        const bytes = Math.min(STRIPE_BYTES - within, from + target.length - at);
        makeStripe(`${seed}/${stripe}`, within >> 2, (within + bytes + 3) >> 2);
        target.set(scratchBytes.subarray(within, within + bytes), at - from);
        at += bytes;
      }
    },
  };
}

/** Fills the scratch between two words. */
function makeStripe(seed: string, firstWord: number, endWord: number): void {
  source ??= drawSource();
  const random = seededRandom(seed);
  const window = random.below(source.length - scratch.length);
  const mask = random.below(2 ** 32);
  for (let word = firstWord; word < endWord; word += 1) scratch[word] = (source[window + word] ?? 0) ^ mask;
}

function drawSource(): Uint32Array {
  const random = seededRandom('noise');
  return Uint32Array.from({ length: SOURCE_BYTES / 4 }, () => random.below(2 ** 32));
}
