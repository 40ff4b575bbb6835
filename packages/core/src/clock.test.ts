import { describe, expect, test } from 'vitest';
import { manualClock, systemClock } from './clock.ts';

const START = new Date('2026-05-03T10:00:00Z');

/** Has this promise been settled, without waiting for anything but other promises? */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('a manual clock', () => {
  test('stands still until it is told to move', async () => {
    const clock = manualClock(START);
    expect(clock.now()).toEqual(START);
    clock.advance(1500);
    expect(clock.now().getTime() - START.getTime()).toBe(1500);
  });

  test('wakes those whose time has come, and nobody else', async () => {
    const clock = manualClock(START);
    const short = clock.sleep(100);
    const long = clock.sleep(101);
    clock.advance(99);
    expect(await isSettled(short)).toBe(false);
    clock.advance(1);
    expect(await isSettled(short)).toBe(true);
    expect(await isSettled(long)).toBe(false);
    clock.advance(1);
    await long;
  });

  test('is not changed by whoever changes a date it gave', () => {
    const clock = manualClock(START);
    clock.now().setTime(0);
    expect(clock.now()).toEqual(START);
  });
});

describe.each([
  ['a manual clock', () => manualClock(START)],
  ['the system clock', () => systemClock],
])('a sleep by %s', (_, makeClock) => {
  test('ends at once when it is aborted', async () => {
    const stop = new AbortController();
    const slept = makeClock().sleep(3_600_000, stop.signal);
    expect(await isSettled(slept)).toBe(false);
    stop.abort();
    await slept;
  });

  test('does not begin when it was aborted before', async () => {
    await makeClock().sleep(3_600_000, AbortSignal.abort());
  });
});

test('the system clock lets real time pass, and forgets the signal afterwards', async () => {
  const before = performance.now();
  const stop = new AbortController();
  await systemClock.sleep(20, stop.signal);
  expect(performance.now() - before).toBeGreaterThan(15);
  stop.abort();
});
