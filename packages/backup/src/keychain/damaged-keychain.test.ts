import { derInteger, derOctetString, derSequence, derSet, derUtf8String } from '@rootcellar/codecs';
import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keychainBytes, sealItem } from './example-keychain.ts';
import { type KeychainKeys, readKeychain } from './keychain.ts';

const CLASS_KEY = new Uint8Array(32).fill(9);
const KEYS: KeychainKeys = {
  classKey: (number) => (number < 9 ? CLASS_KEY : undefined),
  isDeviceOnly: (number) => number >= 9,
};

const CONTENT = derSet(
  derSequence(derUtf8String('acct'), derUtf8String('ann')),
  derSequence(derUtf8String('port'), derInteger(443)),
  derSequence(derUtf8String('v_Data'), derOctetString(Buffer.from('boskoop'))),
);
const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });

describe('a keychain of any bytes', () => {
  it('gives items or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readAll(bytes);
        readAll(Buffer.concat([Buffer.from('bplist00'), bytes]));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('gives items or an error where it is damaged', () => {
    const whole = keychainBytes({ genp: [seal(CONTENT)], inet: [seal(CONTENT)] });
    fc.assert(
      fc.property(changes, (places) => {
        readAll(changed(whole, places));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it('gives one item for each that is sealed, whatever its bytes and its content are', () => {
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      changes.map((places) => changed(CONTENT, places)),
    );
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), contents.map(seal));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), (items) => {
        expect(readAll(keychainBytes({ keys: items }))).toBe(items.length);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('takes no longer for a giant item than its size explains', () => {
    const startedAt = performance.now();
    const large = derSet(derSequence(derUtf8String('v_Data'), derOctetString(new Uint8Array(1_000_000))));
    expect(readAll(keychainBytes({ genp: [seal(large)] }))).toBe(1);
    expect(
      readAll(
        keychainBytes({
          genp: [seal(derSet(derSequence(derUtf8String('port'), derInteger(2n ** 100_000n))))],
        }),
      ),
    ).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

/** How many items there are, if it is a keychain at all. */
function readAll(bytes: Uint8Array): number | undefined {
  try {
    return [...readKeychain(bytes, KEYS)].length;
  } catch (error) {
    expect(error).toBeInstanceOf(KnownError);
    return undefined;
  }
}

function seal(content: Uint8Array): Uint8Array {
  return sealItem(content, { classKey: CLASS_KEY });
}

function changed(bytes: Uint8Array, places: readonly (readonly [number, number])[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [place, byte] of places) copy[place % copy.length] = byte;
  return copy;
}
