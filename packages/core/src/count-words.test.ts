import { expect, test } from 'vitest';
import { countWords } from './count-words.ts';

test('one is one, and none are many', () => {
  expect([0, 1, 2].map((count) => countWords(count, 'backup'))).toEqual([
    '0 backups',
    '1 backup',
    '2 backups',
  ]);
});
