import { hostname } from 'node:os';
import { type Clock, manualClock, minuteWords } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { exampleVault, HASTY_CLOCK } from '../example-vault.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { removeLocks, takeLock, withLock } from './lock.ts';
import type { Repository } from './repository.ts';
import { saveRecord } from './unpacked.ts';

const clock = HASTY_CLOCK;
const MINUTE = 60_000;

async function setUp() {
  const storage = memoryStorage();
  const { repository } = await exampleVault(storage);
  const locks = () => [...storage.files.keys()].filter((name) => name.startsWith('locks/'));
  return { storage, repository, locks };
}

/** A lock of another program, as restic writes it. */
const lockOfOther = (repository: Repository, fields: object = {}) =>
  saveRecord(repository, 'locks', {
    time: new Date().toISOString(),
    exclusive: false,
    hostname: 'elsewhere',
    username: 'other',
    pid: 1,
    ...fields,
  });

/** Lets everything that waits for promises go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await new Promise(setImmediate);
}

describe('a lock', () => {
  test('is there during the work and gone after it, also when the work fails', async () => {
    const { repository, locks } = await setUp();
    expect(await withLock(repository, { clock }, async () => locks().length)).toBe(1);
    expect(locks()).toEqual([]);
    const failing = withLock(repository, { clock }, () => Promise.reject(new Error('work')));
    await expect(failing).rejects.toThrow('work');
    expect(locks()).toEqual([]);
  });

  test('shared ones bear each other; an exclusive one bears nobody', async () => {
    const { repository, locks } = await setUp();
    const first = await takeLock(repository, { clock });
    const second = await takeLock(repository, { clock });
    await expect(takeLock(repository, { clock, exclusive: true })).rejects.toMatchObject({
      code: 'vault.locked',
    });
    await first.release();
    await second.release();
    const alone = await takeLock(repository, { clock, exclusive: true });
    await expect(takeLock(repository, { clock })).rejects.toMatchObject({
      code: 'vault.locked',
      details: { pid: process.pid, host: hostname(), since: minuteWords(clock.now()) },
    });
    await expect(takeLock(repository, { clock, exclusive: true })).rejects.toMatchObject({
      code: 'vault.locked',
    });
    expect(locks()).toHaveLength(1);
    await alone.release();
  });

  test('of two that are taken at the same moment at most one is had, if one is exclusive', async () => {
    const { repository, locks } = await setUp();
    const now: Clock = manualClock(new Date());
    const both = [
      takeLock(repository, { exclusive: true, clock: now }),
      takeLock(repository, { exclusive: true, clock: now }),
    ];
    for (const taken of both) taken.catch(() => {});
    await settle();
    expect(locks()).toHaveLength(2);
    (now as ReturnType<typeof manualClock>).advance(200);
    const results = await Promise.allSettled(both);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(2);
    for (const result of results) if (result.status === 'fulfilled') await result.value.release();
  });

  test('that was left behind is passed over and removed', async () => {
    const { repository, locks } = await setUp();
    const old = new Date(Date.now() - 31 * MINUTE).toISOString();
    await lockOfOther(repository, { exclusive: true, time: old });
    await lockOfOther(repository, { exclusive: true, hostname: hostname(), pid: 2 ** 22 + 1 });
    await (await takeLock(repository, { clock, exclusive: true })).release();
    expect(locks()).toEqual([]);
  });

  test('of others who still work keeps an exclusive one out', async () => {
    const { repository } = await setUp();
    await lockOfOther(repository, { time: new Date(Date.now() - 29 * MINUTE).toISOString() });
    await lockOfOther(repository, { hostname: hostname(), pid: process.pid });
    await (await takeLock(repository, { clock })).release();
    await expect(takeLock(repository, { clock, exclusive: true })).rejects.toMatchObject({
      code: 'vault.locked',
    });
    expect(await removeLocks(repository)).toBe(0);
    expect(await removeLocks(repository, { all: true })).toBe(2);
  });

  test('is waited for as long as one has patience', async () => {
    const { repository, storage } = await setUp();
    const other = await lockOfOther(repository, { exclusive: true });
    const now = manualClock(new Date());
    const taken = takeLock(repository, { clock: now, patienceMs: MINUTE });
    await settle();
    storage.files.delete(`locks/${other}`);
    now.advance(5000);
    await settle();
    now.advance(200);
    await (await taken).release();
  });

  test('is renewed every five minutes, the new one before the old one goes', async () => {
    const { repository, locks } = await setUp();
    const now = manualClock(new Date());
    const taken = takeLock(repository, { clock: now });
    await settle();
    now.advance(200);
    const lock = await taken;
    const [first] = locks();
    for (let renewals = 0; renewals < 8; renewals += 1) {
      now.advance(5 * MINUTE);
      await settle();
    }
    expect(locks()).toHaveLength(1);
    expect(locks()).not.toContain(first);
    await lock.requireHeld();
    await lock.release();
    expect(locks()).toEqual([]);
  });

  test('that somebody removed is lost, and the work is told to stop', async () => {
    const { repository, storage, locks } = await setUp();
    const now = manualClock(new Date());
    const taken = takeLock(repository, { clock: now });
    await settle();
    now.advance(200);
    const lock = await taken;
    for (const name of locks()) storage.files.delete(name as `locks/${string}`);
    await expect(lock.requireHeld()).rejects.toMatchObject({ code: 'vault.lock-lost' });
    now.advance(5 * MINUTE);
    await settle();
    expect(lock.signal.aborted).toBe(true);
    expect(lock.signal.reason).toMatchObject({ code: 'vault.lock-lost' });
    await lock.release();
  });

  test('that cannot be renewed is given up before others take it for left behind', async () => {
    const memory = memoryStorage();
    let isDown = false;
    const storage = faultyStorage(memory, {
      before: () => {
        if (isDown) throw new Error('down');
      },
    });
    const { repository } = await exampleVault(storage);
    const now = manualClock(new Date());
    const taken = takeLock(repository, { clock: now });
    await settle();
    now.advance(200);
    const lock = await taken;
    isDown = true;
    let minutes = 0;
    for (; minutes < 60 && !lock.signal.aborted; minutes += 1) {
      now.advance(MINUTE);
      await settle();
    }
    expect(minutes).toBeGreaterThan(20);
    expect(minutes).toBeLessThan(30);
    await lock.release();
  });

  test('that cannot be read keeps only exclusive ones out', async () => {
    const { repository, storage } = await setUp();
    storage.files.set(`locks/${'a'.repeat(64)}`, Buffer.from('no lock'));
    await (await takeLock(repository, { clock })).release();
    await expect(takeLock(repository, { clock, exclusive: true })).rejects.toMatchObject({
      code: 'vault.locked',
    });
  });
});
