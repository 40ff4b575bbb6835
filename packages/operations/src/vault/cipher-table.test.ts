import { Secret, seededRandom } from '@rootcellar/core';
import type { CipherRecord } from '@rootcellar/vault';
import { expect, test } from 'vitest';
import { CipherTable } from './cipher-table.ts';

const random = seededRandom('records');

function record(file: string, more: Partial<CipherRecord> = {}): CipherRecord {
  const key = new Secret(Uint8Array.from(random.bytes(32)));
  const none = new Uint8Array(0);
  return { file, key, contentBytes: random.below(2 ** 40), isPadded: true, rest: none, marks: none, ...more };
}

const plain = ({ key, ...rest }: CipherRecord) => ({ ...rest, key: key.reveal() });

const RECORDS = [
  ...Array.from({ length: 1000 }, () => record(Buffer.from(random.bytes(20)).toString('hex'))),
  record('0'.repeat(40), { isPadded: false, contentBytes: 0, rest: Uint8Array.from(random.bytes(15)) }),
  record('f'.repeat(40), { marks: Uint8Array.from(random.bytes(32)) }),
  record('Manifest.db'),
].sort((one, other) => (one.file < other.file ? -1 : 1));

function table(records: readonly CipherRecord[]): CipherTable {
  const made = new CipherTable();
  for (const each of records) made.add(each);
  return made;
}

test('gives back every record as it was, by name and in order', () => {
  const records = table(RECORDS);
  expect(records.size).toBe(RECORDS.length);
  for (const each of RECORDS) expect(plain(records.get(each.file) as CipherRecord)).toEqual(plain(each));
  expect([...records.inOrder()].map(plain)).toEqual(RECORDS.map(plain));
});

test('has nothing else', () => {
  const records = table(RECORDS);
  for (const name of ['1'.repeat(40), 'F'.repeat(40), 'Manifest', '']) {
    expect(records.has(name)).toBe(false);
    expect(records.get(name)).toBeUndefined();
  }
  expect(table([]).get('0'.repeat(40))).toBeUndefined();
});

test('takes what comes late all the same, and the last of two', () => {
  const [first, second] = [record('a'.repeat(40)), record('9'.repeat(40))];
  const again = record('a'.repeat(40));
  const records = table([first, second, again]);
  expect([...records.inOrder()].map(plain)).toEqual([second, again].map(plain));
  expect(plain(records.get('a'.repeat(40)) as CipherRecord)).toEqual(plain(again));
});
