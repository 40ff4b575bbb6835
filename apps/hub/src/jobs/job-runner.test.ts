import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@rootcellar/core';
import { readLedger } from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobRecord } from '../store/job-records.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/schema.ts';
import { type JobContext, JobRunner } from './job-runner.ts';

let folder: string;
let store: Store;
let clock: ReturnType<typeof manualClock>;
let told: JobRecord[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-jobs-'));
  store = await openStore({ folder });
  clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  told = [];
});
afterEach(async () => {
  await store.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function openRunner(): Promise<JobRunner> {
  const runner = new JobRunner({ store, clock, dataFolder: folder, onChange: (job) => told.push(job) });
  await runner.open();
  return runner;
}

/** Work that goes on until somebody ends it, and says so when it is told to stop. */
function workUntilTold() {
  const done = Promise.withResolvers<void>();
  let context: JobContext | undefined;
  return {
    finish: done.resolve,
    get context() {
      if (context === undefined) throw new Error('Not begun');
      return context;
    },
    work: async (given: JobContext) => {
      context = given;
      given.signal.addEventListener('abort', () => done.reject(given.signal.reason));
      await done.promise;
      return { kind: 'pair', wasPaired: false } as const;
    },
  };
}

const request = (work: ReturnType<typeof workUntilTold>['work']) =>
  ({ kind: 'pair', udid: 'U', ownerID: 'ann', deviceName: 'A', initialState: 'preparing', work }) as const;

describe('a job', () => {
  test('is told as it goes, and recorded when it ends', async () => {
    const runner = await openRunner();
    const going = workUntilTold();
    const { id } = await runner.start(request(going.work));
    going.context.onProgress({ phase: 'receiving', bytes: 1 });
    going.context.onProgress({ phase: 'receiving', bytes: 2 });
    going.context.ask('waiting-for-trust', 'trust');
    going.finish();
    await vi.waitFor(async () => expect((await runner.find(id)).state).toBe('done'));
    // The second event came too soon after the first for anybody to see it.
    expect(told.map(({ state, progress }) => [state, progress.bytes ?? progress.prompt])).toEqual([
      ['preparing', undefined],
      ['receiving', 1],
      ['waiting-for-trust', 'trust'],
      ['done', 'trust'],
    ]);
    expect((await Array.fromAsync(readLedger(folder)))[0]).toMatchObject({ outcome: 'done', udid: 'U' });
    await runner.close();
  });

  test('whose error nobody knows says so, and nothing of the error', async () => {
    const runner = await openRunner();
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { id } = await runner.start(request(() => Promise.reject(new Error('/home/ann/secret'))));
    await vi.waitFor(async () => expect((await runner.find(id)).state).toBe('failed'));
    expect((await runner.find(id)).error).toMatchObject({ code: 'hub.bug' });
    expect(JSON.stringify(await runner.find(id))).not.toContain('secret');
    expect(quiet).toHaveBeenCalled();
    quiet.mockRestore();
    await runner.close();
  });

  test('of which the last number comes soon after the one before is told that too, though nothing follows', async () => {
    const runner = await openRunner();
    const going = workUntilTold();
    await runner.start(request(going.work));
    going.context.onProgress({ phase: 'receiving', bytes: 1 });
    going.context.onProgress({ phase: 'receiving', bytes: 2 });
    clock.advance(500);
    await vi.waitFor(() => expect(told.at(-1)?.progress.bytes).toBe(2));
    await runner.close();
  });

  test('whose end cannot be written is told all the same, and is on record when it can be', async () => {
    const runner = await openRunner();
    const end = vi.spyOn(runner.records, 'end').mockRejectedValue(new Error('the disk is full'));
    const going = workUntilTold();
    const { id } = await runner.start(request(going.work));
    // The ledger cannot be written either.
    await mkdir(join(folder, 'ledger.jsonl'));
    going.finish();
    await vi.waitFor(() => expect(told.at(-1)?.state).toBe('done'));
    expect(runner.atWork('U')).toBeUndefined();
    expect((await runner.find(id)).state).toBe('done');
    expect((await runner.records.byID(id))?.state).toBe('preparing');

    end.mockRestore();
    await rmdir(join(folder, 'ledger.jsonl'));
    // Who wants the next one does not wait until it is tried again.
    const next = workUntilTold();
    await runner.start(request(next.work));
    expect((await runner.records.byID(id))?.state).toBe('done');
    expect((await Array.fromAsync(readLedger(folder)))[0]).toMatchObject({ outcome: 'done', udid: 'U' });
    next.finish();
    await runner.close();
  });

  test('whose end cannot be written is tried once more when the hub closes', async () => {
    const runner = await openRunner();
    const going = workUntilTold();
    const { id } = await runner.start(request(going.work));
    await mkdir(join(folder, 'ledger.jsonl'));
    going.finish();
    await vi.waitFor(() => expect(told.at(-1)?.state).toBe('done'));
    await rmdir(join(folder, 'ledger.jsonl'));
    await runner.close();
    const inLedger = await Array.fromAsync(readLedger(folder));
    expect(inLedger.map(({ outcome }) => outcome)).toEqual(['done']);
    expect(await runner.find(id)).toMatchObject({ state: 'done' });
  });

  test('of a living hub is left alone by another on the same records, and taken for lost when its lease runs out', async () => {
    const first = await openRunner();
    const going = workUntilTold();
    const { id } = await first.start(request(going.work));
    // As if it were on another computer: its process cannot be looked at.
    await store.updateTable('jobs').set({ lease_owner: 'other-boot/1/x' }).execute();
    const second = await openRunner();
    expect((await second.find(id)).state).toBe('preparing');
    await expect(second.start(request(going.work))).rejects.toMatchObject({ code: 'hub.device-working' });
    clock.advance(30_001);
    await vi.waitFor(async () => expect((await second.records.byID(id))?.state).toBe('interrupted'));
    // The line comes after the record, and beside the one of the worker, who stops at about the same moment.
    const outcomes = async () => (await Array.fromAsync(readLedger(folder))).map(({ outcome }) => outcome);
    await vi.waitFor(async () => expect(await outcomes()).toContain('interrupted'));
    // Whoever worked on it hears of it and stops; the record stays what it is.
    await vi.waitFor(() => expect(going.context.signal.aborted).toBe(true));
    await first.close();
    expect((await second.records.byID(id))?.state).toBe('interrupted');
    await second.close();
  });

  test('that is at work when the hub closes ends as interrupted, one that was cancelled as cancelled', async () => {
    const runner = await openRunner();
    const [one, other] = [workUntilTold(), workUntilTold()];
    const first = await runner.start(request(one.work));
    const second = await runner.start({ ...request(other.work), udid: 'V' });
    await runner.cancel(second.id);
    await runner.close();
    expect((await runner.records.byID(first.id))?.state).toBe('interrupted');
    expect((await runner.records.byID(second.id))?.state).toBe('cancelled');
    await expect(runner.start(request(one.work))).rejects.toMatchObject({ code: 'hub.device-working' });
  });
});
