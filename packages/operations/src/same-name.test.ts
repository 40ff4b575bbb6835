import { expect, test } from 'vitest';
import { isSameName } from './same-name.ts';

test.each([
  ['a straight apostrophe', "Elif's iPhone", 'Elif’s iPhone'],
  ['another kind of apostrophe', 'Elif‘s iPhone', "Elif's iPhone"],
  ['small letters', 'elif’s iphone', 'Elif’s iPhone'],
  ['a space of another kind', 'Elif’s iPhone', 'Elif’s\u00a0iPhone'],
  ['letters that are put together', 'Zoe\u0308s iPad', 'Zoës iPad'],
])('a phone is meant also by %s', (_, typed, name) => {
  expect(isSameName(typed, name)).toBe(true);
});

test('another name is another phone', () => {
  expect(isSameName('Elifs iPhone', 'Elif’s iPhone')).toBe(false);
  expect(isSameName('', 'iPhone')).toBe(false);
});
