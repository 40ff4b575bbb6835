import { manualClock } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { Attempts } from './attempts.ts';

const open = () => {
  const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  return { clock, attempts: new Attempts(clock) };
};
const waits = (attempts: Attempts, keys: readonly string[]): number => {
  try {
    attempts.begin(keys);
    return 0;
  } catch (error) {
    return Number((error as { details: { waitSeconds: number } }).details.waitSeconds);
  }
};

describe('wrong attempts', () => {
  test('five are free, each further one costs twice the wait, up to a quarter of an hour', () => {
    const { clock, attempts } = open();
    for (let tries = 0; tries < 5; tries += 1) expect(waits(attempts, ['ann'])).toBe(0);
    const seen: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const wait = waits(attempts, ['ann']);
      seen.push(wait);
      clock.advance(wait * 1000);
      attempts.begin(['ann']);
    }
    expect(seen).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  test('a thousand at once are a thousand', () => {
    const { attempts } = open();
    const passed = Array.from({ length: 1000 }, () => waits(attempts, ['ann'])).filter((wait) => wait === 0);
    expect(passed).toHaveLength(5);
  });

  test('count for the name from any address, and for the address with any name', () => {
    const { attempts } = open();
    for (let tries = 0; tries < 5; tries += 1) attempts.begin(['name ann', `address ${tries}`]);
    expect(waits(attempts, ['name ann', 'address 99'])).toBeGreaterThan(0);
    expect(waits(attempts, ['name ben', 'address 99'])).toBe(0);
    for (let tries = 0; tries < 5; tries += 1) attempts.begin([`name ${tries}`, 'address 7']);
    expect(waits(attempts, ['name cleo', 'address 7'])).toBeGreaterThan(0);
  });

  test('are forgotten after the right one, or after a day', () => {
    const { clock, attempts } = open();
    for (let tries = 0; tries < 4; tries += 1) attempts.begin(['ann']);
    attempts.succeeded(['ann']);
    for (let tries = 0; tries < 5; tries += 1) expect(waits(attempts, ['ann'])).toBe(0);
    clock.advance(25 * 3600 * 1000);
    expect(waits(attempts, ['ann'])).toBe(0);
    expect(waits(attempts, ['ann'])).toBe(0);
  });

  test('of made-up names do not fill the memory, nor wash out those of a real one that is being guessed', () => {
    const { attempts } = open();
    for (let tries = 0; tries < 5; tries += 1) attempts.begin(['ann']);
    for (let index = 0; index < 9_000; index += 1) attempts.begin([`made up ${index}`]);
    expect(waits(attempts, ['ann'])).toBeGreaterThan(0);
  });
});
