import { manualClock } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { storageError } from '../errors.ts';
import { faultyStorage, type StorageCall } from './faulty-storage.ts';
import { memoryStorage } from './memory-storage.ts';
import { patientStorage } from './patient-storage.ts';

const NO_PAUSE = { firstPauseMs: 0, random: { fraction: () => 0 } };

/** Fails so many times, then works. */
function failing(times: number, error: () => Error = () => storageError('not-reached')) {
  let left = times;
  const calls: string[] = [];
  const fail = (call: StorageCall): void => {
    calls.push(call.kind);
    if (left-- > 0) throw error();
  };
  return { fail, calls };
}

describe('a patient storage', () => {
  test('makes each call again until it works', async () => {
    for (const call of ['put', 'stat', 'list', 'delete'] as const) {
      const { fail, calls } = failing(3);
      const storage = patientStorage(faultyStorage(memoryStorage(), { before: fail }), NO_PAUSE);
      if (call === 'put') await storage.put('config', Buffer.from('x'));
      if (call === 'stat') await storage.stat('config');
      if (call === 'list') await Array.fromAsync(storage.list('data'));
      if (call === 'delete') await storage.delete('config');
      expect(calls).toEqual([call, call, call, call]);
    }
  });

  test('gives up after six attempts, with the last error', async () => {
    const { fail, calls } = failing(100);
    const storage = patientStorage(faultyStorage(memoryStorage(), { before: fail }), NO_PAUSE);
    await expect(storage.stat('config')).rejects.toMatchObject({ code: 'storage.not-reached' });
    expect(calls).toHaveLength(6);
  });

  test('does not repeat what cannot get better', async () => {
    const { fail, calls } = failing(100, () => storageError('full'));
    const storage = patientStorage(faultyStorage(memoryStorage(), { before: fail }), NO_PAUSE);
    await expect(storage.put('config', Buffer.from('x'))).rejects.toMatchObject({ code: 'storage.full' });
    expect(calls).toHaveLength(1);
  });

  test('knows its own configuration again, whose first attempt failed after it was stored', async () => {
    const { fail } = failing(1);
    const memory = memoryStorage();
    const storage = patientStorage(faultyStorage(memory, { after: fail }), NO_PAUSE);
    await storage.put('config', Buffer.from('ours'));
    const other = failing(1);
    const late = patientStorage(faultyStorage(memory, { before: other.fail }), NO_PAUSE);
    await expect(late.put('config', Buffer.from('other'))).rejects.toMatchObject({ code: 'storage.exists' });
  });

  test('ends an attempt that takes too long, and makes another', async () => {
    const clock = manualClock(new Date(0));
    let stalls = 1;
    const stall = async ({ signal }: StorageCall) => {
      if (stalls-- > 0) await new Promise((_, reject) => signal?.addEventListener('abort', reject));
    };
    const storage = patientStorage(faultyStorage(memoryStorage(), { before: stall }), {
      clock,
      timeoutMs: 1000,
      firstPauseMs: 10,
    });
    const answer = storage.stat('config');
    for (let i = 0; i < 200; i += 1) {
      await Promise.resolve();
      clock.advance(20);
    }
    expect(await answer).toBeUndefined();
  });

  test('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const storage = patientStorage(
      faultyStorage(memoryStorage(), { before: () => Promise.reject(storageError('busy', { status: 503 })) }),
      { firstPauseMs: 60_000 },
    );
    const answer = storage.stat('config', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 10);
    await expect(answer).rejects.toThrow('stopped');
  });
});
