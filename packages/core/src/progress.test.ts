import fc from 'fast-check';
import { expect, test } from 'vitest';
import { monotonicFraction } from './progress.ts';

test('nothing is known until something was said', () => {
  const fraction = monotonicFraction();
  expect(fraction(undefined)).toBeUndefined();
  expect(fraction(Number.NaN)).toBeUndefined();
  expect(fraction(0)).toBe(0);
});

test('a phone that falls back by twenty percent does not take the bar with it', () => {
  const fraction = monotonicFraction();
  expect([0.85, 0.65, undefined, 0.9].map(fraction)).toEqual([0.85, 0.85, 0.85, 0.9]);
});

test('two runs do not share what they have seen', () => {
  monotonicFraction()(0.9);
  expect(monotonicFraction()(0.1)).toBe(0.1);
});

test('whatever a phone says, the fraction stays within 0 and 1 and never falls', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.double(), { nil: undefined })), (said) => {
      const seen = said.map(monotonicFraction()).filter((fraction) => fraction !== undefined);
      expect(seen.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
      expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
    }),
    { seed: 1, numRuns: 500 },
  );
});
