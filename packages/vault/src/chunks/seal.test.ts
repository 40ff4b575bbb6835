import { seededRandom } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vaultError } from '../errors.ts';
import { openBytes, SEAL_BYTES, type SealKey, sealBytes } from './seal.ts';

const random = seededRandom('seal');
const newKey = (): SealKey => ({ encrypt: random.bytes(32), macK: random.bytes(16), macR: random.bytes(16) });
const KEY = newKey();

function isRefused(key: SealKey, sealed: Uint8Array): boolean {
  try {
    openBytes(key, sealed);
    return false;
  } catch (error) {
    return vaultError.matches(error, 'sealed-damaged');
  }
}

describe('a seal', () => {
  test('gives back what was sealed', () => {
    const content = fc.uint8Array({ maxLength: 5000 });
    fc.assert(
      fc.property(content, (plain) => Buffer.compare(openBytes(KEY, sealBytes(KEY, plain)), plain) === 0),
      { seed: 1 },
    );
  });

  test('is 32 bytes longer, also for a megabyte in several pieces', () => {
    const plain = random.bytes(1024 * 1024 + 7);
    const sealed = sealBytes(KEY, plain);
    expect(sealed.length).toBe(plain.length + SEAL_BYTES);
    expect(Buffer.compare(openBytes(KEY, sealed), plain)).toBe(0);
  });

  test('refuses every flipped bit', () => {
    const sealed = sealBytes(KEY, random.bytes(40));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isRefused(KEY, flipped), `bit ${bit}`).toBe(true);
    }
  });

  test('refuses every cut', () => {
    const sealed = sealBytes(KEY, random.bytes(40));
    for (let length = 0; length < sealed.length; length += 1)
      expect(isRefused(KEY, sealed.subarray(0, length)), `${length} bytes`).toBe(true);
  });

  test('refuses another key', () => {
    const sealed = sealBytes(KEY, random.bytes(40));
    expect(isRefused({ ...KEY, macK: random.bytes(16) }, sealed)).toBe(true);
    expect(isRefused({ ...KEY, macR: random.bytes(16) }, sealed)).toBe(true);
  });

  test('is another one each time', () => {
    const plain = random.bytes(40);
    expect(sealBytes(KEY, plain)).not.toEqual(sealBytes(KEY, plain));
  });
});
