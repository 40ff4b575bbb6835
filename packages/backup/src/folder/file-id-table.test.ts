import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { FileIDTable } from './file-id-table.ts';

const random = seededRandom('file ids');
const ENTRIES = Array.from({ length: 10_000 }, () => ({
  fileID: Buffer.from(random.bytes(20)).toString('hex'),
  value: Buffer.from(random.bytes(12)),
})).sort((one, other) => (one.fileID < other.fileID ? -1 : 1));

function filled(): FileIDTable {
  const table = new FileIDTable(12);
  for (const { fileID, value } of ENTRIES) expect(table.set(fileID, value)).toBe(true);
  return table;
}

test('finds each value, and gives all in order', () => {
  const table = filled();
  expect(table.size).toBe(ENTRIES.length);
  for (const { fileID, value } of ENTRIES) expect(table.find(fileID)?.equals(value)).toBe(true);
  expect([...table.entries()].map(([fileID, value]) => [fileID, value.toString('hex')])).toEqual(
    ENTRIES.map(({ fileID, value }) => [fileID, value.toString('hex')]),
  );
});

test('finds nothing else', () => {
  for (const table of [filled(), new FileIDTable(12)])
    for (const name of ['0'.repeat(40), 'f'.repeat(40), 'F'.repeat(40), 'Manifest.db', ''])
      expect(table.find(name)).toBeUndefined();
});

test('takes new fileIDs in their order only, and another value for one that is there', () => {
  const table = new FileIDTable(1);
  const value = (byte: number) => Uint8Array.of(byte);
  expect(table.set('5'.repeat(40), value(1))).toBe(true);
  for (const name of ['4'.repeat(40), 'Manifest.db']) expect(table.set(name, value(2))).toBe(false);
  expect(table.set('5'.repeat(40), value(3))).toBe(true);
  expect(table.find('5'.repeat(40))).toEqual(Buffer.of(3));
  expect(() => table.set('6'.repeat(40), Uint8Array.of(1, 2))).toThrow(RangeError);
  expect(table.size).toBe(1);
});
