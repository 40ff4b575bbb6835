import { expect, test } from 'vitest';
import { formatsIn } from './format.ts';
import { ofMoment, vomMoment } from './of-moment.ts';

const NOW = new Date(2026, 10, 26, 12, 0);
const moment = (language: 'en' | 'de', day: number) =>
  formatsIn(language).moment(new Date(2026, 10, day, 6, 42).toISOString(), NOW);

test('a moment stands inside of a sentence', () => {
  expect([26, 25, 18].map((day) => ofMoment(moment('en', day)))).toEqual([
    'of today, 06:42',
    'of yesterday, 06:42',
    'of 18 November, 06:42',
  ]);
  expect([26, 25, 18].map((day) => vomMoment(moment('de', day)))).toEqual([
    'von heute, 06:42',
    'von gestern, 06:42',
    'vom 18. November, 06:42',
  ]);
});
