import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, DeviceRecords } from './device-records.ts';
import { type JobRecord, JobRecords, jobMarker } from './job-records.ts';
import { PeopleRecords } from './people-records.ts';
import type { Store } from './schema.ts';
import { SessionRecords } from './session-records.ts';

const NOW = new Date('2026-05-03T10:00:00.123Z');

/**
 * What the records promise, whichever engine keeps them.
 *
 * @param open gives an empty store, or the same one again for the same `name`
 */
export function describeStore(engine: string, open: (name: string) => Promise<Store>): void {
  describe(`records in ${engine}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open('first');
    });
    afterAll(() => store.destroy());

    test('are there when the store is opened again', async () => {
      const again = await open('again');
      const { id } = await new PeopleRecords(again).add(person('Ann'), NOW);
      await again.destroy();
      const reopened = await open('again');
      expect((await new PeopleRecords(reopened).byID(id))?.name).toBe('Ann');
      await reopened.destroy();
    });

    describeEngine(() => store);
    describePeople(() => store);
    describeDevices(() => store);
    describeJobs(() => store);
  });
}

function describeEngine(store: () => Store): void {
  test('two transactions that interleave both count', async () => {
    const { id } = await new PeopleRecords(store()).add(person('Counted'), NOW);
    const addOne = () =>
      store()
        .transaction()
        .execute(async (open) => {
          const query = open.selectFrom('people').select('created_at').where('id', '=', id);
          const row = await query
            .$if(isPostgres(store()), (locked) => locked.forUpdate())
            .executeTakeFirstOrThrow();
          await new Promise((resolve) => setTimeout(resolve, 20));
          await open
            .updateTable('people')
            .set({ created_at: row.created_at + 1 })
            .where('id', '=', id)
            .execute();
        });
    await Promise.all([addOne(), addOne()]);
    const row = await store().selectFrom('people').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.created_at).toBe(NOW.getTime() + 2);
  });

  test('a transaction that fails leaves nothing', async () => {
    const failing = store()
      .transaction()
      .execute(async (open) => {
        await open.insertInto('sessions').values({ id: 'gone', person_id: 'x', used_at: 1 }).execute();
        throw new Error('on purpose');
      });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await new SessionRecords(store()).use('gone', new Date(2))).toBeUndefined();
  });

  test('numbers of 64 bits come back as they are, exact ones as numbers', async () => {
    const values = [0, -1, Number.MAX_SAFE_INTEGER, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n];
    for (const value of values) {
      const bound = sql<{ n: unknown }>`SELECT CAST(${String(value)} AS BIGINT) AS n`;
      expect((await bound.execute(store())).rows[0]?.n).toBe(value);
    }
  });

  test('nothing, texts with quotes and text beyond ASCII come back as they are', async () => {
    const name = `O'Neill "Ann" 🍎 \u202e e\u0301`;
    const { id } = await new PeopleRecords(store()).add({ name, password: null, isOperator: true }, NOW);
    expect(await new PeopleRecords(store()).byID(id)).toEqual({ id, name, password: null, isOperator: true });
  });
}

function describePeople(store: () => Store): void {
  test('two people cannot have names that look the same', async () => {
    const people = new PeopleRecords(store());
    await people.add(person('Ben'), NOW);
    await expect(people.add(person(' ben '), NOW)).rejects.toMatchObject({ code: 'hub.name-taken' });
    expect((await people.byName('BEN'))?.name).toBe('Ben');
  });

  test('a session ends when nobody uses it for a month, or when it is removed', async () => {
    const sessions = new SessionRecords(store());
    await sessions.add('s1', 'p', NOW);
    const days = (count: number) => new Date(NOW.getTime() + count * 24 * 3600 * 1000);
    expect(await sessions.use('s1', days(29))).toBe('p');
    expect(await sessions.use('s1', days(58))).toBe('p');
    expect(await sessions.use('s1', days(89))).toBeUndefined();
    await sessions.add('s2', 'q', NOW);
    await sessions.add('s3', 'q', NOW);
    await sessions.removeOthers('q', 's3');
    expect(await sessions.use('s2', NOW)).toBeUndefined();
    expect(await sessions.use('s3', NOW)).toBe('q');
  });
}

function describeDevices(store: () => Store): void {
  test('a phone keeps its owner and settings when it is seen again', async () => {
    const devices = new DeviceRecords(store());
    const told = { name: 'A', modelName: 'M', productType: 'T', productVersion: '1', serialNumber: null };
    await devices.seen('U1', { ...told, color: null, isSimulated: true }, NOW);
    expect(await devices.claim('U1', 'ann')).toBe(true);
    expect(await devices.claim('U1', 'ben')).toBe(false);
    const settings = { ...DEFAULT_SETTINGS, automatic: true, encryptedAs: 'small' } as const;
    await devices.setSettings('U1', settings);
    await devices.setAutomaticAt('U1', NOW);
    await devices.seen(
      'U1',
      { ...told, name: 'B', color: null, isSimulated: true },
      new Date(NOW.getTime() + 1),
    );
    const [found] = (await devices.all()).filter(({ udid }) => udid === 'U1');
    expect(found).toMatchObject({ ownerID: 'ann', settings, automaticAt: NOW.getTime() });
    expect(found?.told.name).toBe('B');
  });

  test('of many who claim a phone at once one gets it', async () => {
    const devices = new DeviceRecords(store());
    const told = { name: 'A', modelName: 'M', productType: 'T', productVersion: '1', serialNumber: null };
    await devices.seen('U2', { ...told, color: null, isSimulated: false }, NOW);
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, index) => devices.claim('U2', `p${index}`)),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
  });
}

function describeJobs(store: () => Store): void {
  const lease = { owner: 'boot/1/a', until: NOW.getTime() + 30_000 };
  const end = (jobs: JobRecords, { id }: JobRecord, owner = lease.owner) =>
    jobs.end(id, owner, { state: 'done', result: null, error: null, yourData: null }, NOW);

  test('of many jobs for one phone one is begun, and the next when it has ended', async () => {
    const jobs = new JobRecords(store());
    const wanted = Array.from({ length: 8 }, () => job('P1'));
    const outcomes = await Promise.allSettled(wanted.map((one) => jobs.add(one, lease)));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.code] : [],
    );
    expect(refused).toEqual(Array(7).fill('hub.device-working'));
    const winner = wanted[outcomes.findIndex(({ status }) => status === 'fulfilled')] as JobRecord;
    await jobs.add(job('P2'), lease);
    expect(await end(jobs, winner)).toBe(true);
    await jobs.add(job('P1'), lease);
  });

  test('only who holds the lease changes a job, and nobody once it has ended', async () => {
    const jobs = new JobRecords(store());
    const one = job('P3');
    await jobs.add(one, lease);
    expect(await jobs.progress(one.id, 'another', 'receiving', {})).toBe(false);
    expect(await jobs.renew(one.id, { owner: 'another', until: 1 })).toBe(false);
    expect(await jobs.progress(one.id, lease.owner, 'receiving', { fraction: 0.5, files: 3 })).toBe(true);
    expect(await jobs.byID(one.id)).toEqual({
      ...one,
      state: 'receiving',
      progress: { fraction: 0.5, files: 3 },
    });
    expect(await end(jobs, one, 'another')).toBe(false);
    expect(await end(jobs, one)).toBe(true);
    expect(await jobs.progress(one.id, lease.owner, 'storing', {})).toBe(false);
    expect(await end(jobs, one)).toBe(false);
    expect(await jobs.byID(one.id)).toMatchObject({ state: 'done', endedAt: NOW.getTime() });
  });

  test('are listed newest first, page by page, each once', async () => {
    const jobs = new JobRecords(store());
    const added: JobRecord[] = [];
    for (let index = 0; index < 7; index += 1) {
      // Some in the same millisecond.
      const one = { ...job('P4'), createdAt: NOW.getTime() + Math.floor(index / 3) };
      await jobs.add(one, lease);
      await end(jobs, one);
      added.push(one);
    }
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await jobs.list({ udid: 'P4', after, limit: 2 });
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = jobMarker(last);
    }
    expect(seen.toSorted()).toEqual(added.map(({ id }) => id).toSorted());
    const times = await jobs.list({ udid: 'P4', limit: 10 });
    expect(times.map(({ createdAt }) => createdAt)).toEqual(
      times.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
    );
    await expect(jobs.list({ after: '1/x; DROP', limit: 1 })).rejects.toMatchObject({
      code: 'hub.request-invalid',
    });
  });
}

function person(name: string) {
  return { name, password: null, isOperator: false };
}

function job(udid: string): JobRecord {
  return {
    id: randomUUID(),
    kind: 'backup',
    udid,
    ownerID: 'ann',
    deviceName: 'Ann’s iPhone',
    backup: null,
    startedBy: 'person',
    state: 'preparing',
    progress: {},
    result: null,
    error: null,
    yourData: null,
    createdAt: NOW.getTime(),
    endedAt: null,
  };
}

function isPostgres(store: Store): boolean {
  return store.getExecutor().adapter.constructor.name.startsWith('Postgres');
}
