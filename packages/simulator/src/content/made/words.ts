import { seededRandom } from '@rootcellar/core';
import type { Stretch } from './stretch.ts';

const TEXT_BYTES = 1024 * 1024;

const EVENTS = [
  'opened',
  'saved',
  'synced',
  'level',
  'score',
  'tile',
  'route',
  'draft',
  'item',
  'cache miss',
];

let text: Uint8Array | undefined;

/** Lines of a log: what an app writes about itself, and what compresses well. A window per seed. */
export function wordsStretch(seed: string, sizeBytes: number): Stretch {
  return {
    sizeBytes,
    *pieces(from) {
      text ??= writeText();
      let place = (seededRandom(seed).below(text.length) + from) % text.length;
      for (let at = from; at < sizeBytes; place = 0) {
        const part = text.subarray(place, place + sizeBytes - at);
        yield part;
        at += part.length;
      }
    },
  };
}

function writeText(): Uint8Array {
  const random = seededRandom('words');
  const lines: string[] = [];
  for (let bytes = 0; bytes < TEXT_BYTES; ) {
    const line = `${1_700_000_000 + random.below(90_000_000)} ${random.pick(EVENTS)} ${random.below(100_000)}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, TEXT_BYTES);
}
