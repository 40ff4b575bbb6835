import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { orAborted, withTimeout } from './deadline.ts';

const never = (): Promise<never> => new Promise(() => {});
const LIMIT = { timeoutMs: 60_000, waitingFor: 'a test' };

describe('a wait with a time limit', () => {
  test('gives what it waited for', async () => {
    expect(await withTimeout(Promise.resolve(7), LIMIT)).toBe(7);
  });

  test('fails as what it waited for fails', async () => {
    const reason = new Error('broken');
    await expect(withTimeout(Promise.reject(reason), LIMIT)).rejects.toBe(reason);
  });

  test('ends when the time is over, and says for what it waited', async () => {
    await expect(withTimeout(never(), { timeoutMs: 5, waitingFor: 'an answer' })).rejects.toMatchObject({
      code: 'stream.timed-out',
      details: { timeoutMs: 5, waitingFor: 'an answer' },
    });
  });

  test('leaves neither a timer nor a listener behind', async () => {
    vi.useFakeTimers();
    try {
      const { signal } = new AbortController();
      await withTimeout(Promise.resolve(), { ...LIMIT, signal });
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe.each([
  [
    'with a time limit',
    (work: Promise<unknown>, signal: AbortSignal) => withTimeout(work, { ...LIMIT, signal }),
  ],
  ['without', orAborted],
])('a wait %s', (_, wait) => {
  test('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const waited = wait(never(), stop.signal);
    stop.abort(new Error('enough'));
    await expect(waited).rejects.toThrow('enough');
  });

  test('does not begin when its signal was aborted before', async () => {
    await expect(wait(never(), AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  test('does not let work that fails afterwards end the process', async () => {
    const stop = new AbortController();
    const work = Promise.withResolvers<never>();
    const waited = wait(work.promise, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waited).rejects.toThrow('enough');
    // An unhandled rejection would fail this run.
    work.reject(new Error('nobody listens'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('takes its listener off the signal', async () => {
    const { signal } = new AbortController();
    await wait(Promise.resolve(), signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('a wait without a signal waits for the work alone', async () => {
  expect(await orAborted(Promise.resolve('done'), undefined)).toBe('done');
});
