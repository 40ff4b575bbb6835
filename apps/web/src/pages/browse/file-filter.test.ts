import { expect, test } from 'vitest';
import { patternFor } from './file-filter.ts';

test('a part of a name is found in capitals or not', () => {
  expect(patternFor('sms.db')).toBe('*[sS][mM][sS].[dD][bB]*');
  expect(patternFor('straße')).toBe('*[sS][tT][rR][aA]ß[eE]*');
});

test('a pattern stays one', () => {
  for (const pattern of ['*.jpg', 'HomeDomain/**', 'IMG_{1,2}', 'a?b'])
    expect(patternFor(pattern)).toBe(pattern);
});
