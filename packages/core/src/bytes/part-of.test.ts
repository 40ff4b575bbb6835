import { expect, test } from 'vitest';
import { partOf } from './part-of.ts';

const PIECES = ['one ', 'two ', 'three'].map((word) => Buffer.from(word));
const part = async (start: number, end?: number) =>
  Buffer.concat(
    await Array.fromAsync(partOf(PIECES, end === undefined ? { start } : { start, end })),
  ).toString();

test('gives any part, across pieces', async () => {
  expect(await part(0)).toBe('one two three');
  expect(await part(2, 9)).toBe('e two t');
  expect(await part(4, 8)).toBe('two ');
  expect([await part(5, 5), await part(20), await part(0, 0)]).toEqual(['', '', '']);
});

test('asks for no more pieces than it needs', async () => {
  let asked = 0;
  const counted = function* () {
    for (const piece of PIECES) {
      asked += 1;
      yield piece;
    }
  };
  await Array.fromAsync(partOf(counted(), { start: 1, end: 8 }));
  expect(asked).toBe(2);
});
