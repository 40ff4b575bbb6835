import { randomBytes } from 'node:crypto';
import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vaultError } from '../errors.ts';
import { compress, compressIfWorth, decompress } from './compress.ts';

const MEBIBYTE = 1024 * 1024;

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof KnownError) return error.code;
    throw error;
  }
}

describe('compressing', () => {
  test('gives back what was compressed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        (plain) => Buffer.compare(decompress(compress(plain), plain.length), plain) === 0,
      ),
      { seed: 1 },
    );
  });

  test('is not done where the middle does not shrink', () => {
    expect(compressIfWorth(randomBytes(MEBIBYTE))).toBeUndefined();
    expect(compressIfWorth(randomBytes(100))).toBeUndefined();
    expect(compressIfWorth(new Uint8Array(0))).toBeUndefined();
    const randomInTheMiddle = Buffer.concat([
      Buffer.alloc(40_000),
      randomBytes(20_000),
      Buffer.alloc(40_000),
    ]);
    expect(compressIfWorth(randomInTheMiddle)).toBeUndefined();
  });

  test('is done where the middle shrinks', () => {
    expect(compressIfWorth(new Uint8Array(MEBIBYTE))?.length).toBeLessThan(200);
    expect(compressIfWorth(new Uint8Array(300))?.length).toBeLessThan(40);
  });
});

describe('decompressing', () => {
  const plain = new Uint8Array(100_000).map((_, at) => at % 250);
  const compressed = compress(plain);

  test('stops before it takes more memory than it should', () => {
    expect(decompress(compressed, plain.length).length).toBe(plain.length);
    expect(codeOf(() => decompress(compressed, plain.length - 1))).toBe('vault.compressed-too-large');
    expect(codeOf(() => decompress(compressed, 0))).toBe('vault.compressed-too-large');
  });

  test('refuses what ends early, at any byte', () => {
    for (let length = 0; length < compressed.length; length += 1)
      expect(codeOf(() => decompress(compressed.subarray(0, length), plain.length))).toBe(
        'vault.compressed-damaged',
      );
  });

  test('gives a value or an error of ours for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(compressed.length - 1), (some, at) => {
        const damaged = Uint8Array.from(compressed);
        damaged.set(some.subarray(0, compressed.length - at), at);
        for (const bytes of [some, damaged]) {
          try {
            decompress(bytes, plain.length);
          } catch (error) {
            if (!vaultError.matches(error)) return false;
          }
        }
        return true;
      }),
      { seed: 1 },
    );
  });
});
