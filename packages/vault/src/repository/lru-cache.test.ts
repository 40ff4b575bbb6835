import { expect, test } from 'vitest';
import { LruCache } from './lru-cache.ts';

const cache = () => new LruCache<string, number>(10, (size) => size);

test('keeps what was used last, as much as there is room for', () => {
  const kept = cache();
  for (const [key, size] of Object.entries({ a: 4, b: 4 })) expect(kept.set(key, size)).toBe(true);
  expect(kept.get('a')).toBe(4);
  kept.set('c', 5);
  expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([4, undefined, 5]);
});

test('another value takes the place of one, and gives back its room', () => {
  const kept = cache();
  for (const size of [5, 1, 5, 2]) kept.set('a', size);
  kept.set('b', 5);
  kept.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([2, 5, 3]);
});

test('does not keep what takes more than half of it, and says so', () => {
  const kept = cache();
  expect([kept.set('half', 5), kept.set('more', 6)]).toEqual([true, false]);
  expect([kept.get('half'), kept.get('more')]).toEqual([5, undefined]);
});
