import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FileIDMap } from './file-id-map.ts';
import { FileIDSet } from './file-id-set.ts';
import { HashTable } from './received-hashes.ts';

/** All in one part, and many with the same home, also where it ends as it grows: there the ways of an open table cross. */
const crowded = fc
  .tuple(fc.constantFrom(0, 1, 14, 15, 22, 23, 35, 53), fc.integer({ min: 0, max: 12 }))
  .map(([home, rest]) => `ab${home.toString(16).padStart(2, '0')}${rest.toString(16).padStart(36, '0')}`);
const anywhere = fc
  .integer({ min: 0, max: 60 })
  .map((seed) => createHash('sha1').update(String(seed)).digest('hex'));
const step = fc.record({
  fileID: fc.oneof(crowded, anywhere),
  value: fc.option(fc.uint8Array({ minLength: 3, maxLength: 3 }), { nil: undefined, freq: 3 }),
});

describe('FileIDMap', () => {
  it('has what was set last and not deleted, like a map, and gives it in order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const map = new FileIDMap(3);
        const expected = new Map<string, string>();
        for (const { fileID, value } of steps) {
          if (value) {
            expect(map.set(fileID, value)).toBe(true);
            expected.set(fileID, Buffer.from(value).toString('hex'));
          } else expect(map.delete(fileID)).toBe(expected.delete(fileID));
          expect(map.get(fileID)?.toString('hex')).toBe(expected.get(fileID));
        }
        for (const [fileID, value] of expected) expect(map.get(fileID)?.toString('hex')).toBe(value);
        expect(map.size).toBe(expected.size);
        const found = Array.from(map.entries(), ([fileID, bytes]) => [fileID, bytes.toString('hex')]);
        expect(found).toEqual([...expected].sort(([a], [b]) => (a < b ? -1 : 1)));
      }),
    );
  });

  it('takes nothing that is no fileID, nor a value of another size', () => {
    const map = new FileIDMap(3);
    expect(map.set('Manifest.db', new Uint8Array(3))).toBe(false);
    expect(map.get('Manifest.db')).toBeUndefined();
    expect(map.delete('Manifest.db')).toBe(false);
    expect(() => map.set('ab'.repeat(20), new Uint8Array(4))).toThrow(RangeError);
    expect(map.size).toBe(0);
  });
});

test('a set of fileIDs has what was added, in any order, once', () => {
  const set = new FileIDSet();
  for (const fileID of ['b0', '0b', 'b0']) expect(set.add(fileID.repeat(20))).toBe(true);
  expect(set.add('Manifest.db')).toBe(false);
  expect(set.size).toBe(2);
  expect(['b0', '0b', 'bb'].map((fileID) => set.has(fileID.repeat(20)))).toEqual([true, true, false]);
});

test('hashes of files have what was set last, and give it with its name', () => {
  const hashes = new HashTable();
  const [one, other] = ['\u0000'.repeat(32), '\u00ff'.repeat(32)];
  const [late, early] = ['b0'.repeat(20), '0b'.repeat(20)];
  hashes.set(late, other);
  hashes.set('Manifest.db', one);
  hashes.set(early, other);
  hashes.set(early, one);
  expect([hashes.size, hashes.get('Manifest.db'), hashes.get(early), hashes.get('Info.plist')]).toEqual([
    3,
    one,
    one,
    undefined,
  ]);
  expect([hashes.delete('Manifest.db'), hashes.delete('Manifest.db'), hashes.delete(early)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([...hashes]).toEqual([[late, other]]);
});
