import { describe, expect, test } from 'vitest';
import { exampleVault, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { listSnapshots } from '../snapshots/snapshot-list.ts';
import { forget } from './forget.ts';
import { applyRetention, type RetentionOptions, type RetentionPolicy } from './retention.ts';

function snapshot(
  time: string,
  tags: readonly string[] = [],
  paths: readonly string[] = ['/phone'],
): Snapshot {
  const at = new Date(time);
  const common = {
    hostname: 'hub',
    username: '',
    parent: undefined,
    summary: undefined,
    tree: 'a'.repeat(64),
  };
  return { ...common, id: time, recordID: time, time: at, recordedAt: at, paths, tags };
}

const keptBy = (snapshots: readonly Snapshot[], policy: RetentionPolicy, options?: RetentionOptions) =>
  Object.fromEntries(
    applyRetention(snapshots, policy, options).kept.map(({ snapshot: { id }, reasons }) => [id, reasons]),
  );

const DAYS = ['01', '02', '03', '04', '05', '06', '07', '08', '09'].map((day) =>
  snapshot(`2026-05-${day}T10:00:00Z`),
);

describe('a retention policy', () => {
  test('keeps the newest of each day, for so many days that have one', () => {
    const twice = [...DAYS, snapshot('2026-05-09T08:00:00Z')];
    expect(keptBy(twice, { daily: 2 })).toEqual({
      '2026-05-09T10:00:00Z': ['daily'],
      '2026-05-08T10:00:00Z': ['daily'],
    });
  });

  test('counts weeks from Monday, months and years', () => {
    const many = [snapshot('2024-12-31T10:00:00Z'), snapshot('2026-04-30T10:00:00Z'), ...DAYS];
    expect(keptBy(many, { weekly: 2 })).toEqual({
      '2026-05-09T10:00:00Z': ['weekly'],
      '2026-05-03T10:00:00Z': ['weekly'],
    });
    expect(keptBy(many, { monthly: 2, yearly: 2 })).toEqual({
      '2026-05-09T10:00:00Z': ['monthly', 'yearly'],
      '2026-04-30T10:00:00Z': ['monthly'],
      '2024-12-31T10:00:00Z': ['yearly'],
    });
  });

  test('counts days where the owner lives', () => {
    const night = [snapshot('2026-05-01T20:00:00Z'), snapshot('2026-05-01T23:00:00Z')];
    expect(Object.keys(keptBy(night, { daily: 5 }))).toEqual(['2026-05-01T23:00:00Z']);
    expect(Object.keys(keptBy(night, { daily: 5 }, { timeZone: 'Europe/Berlin' }))).toHaveLength(2);
  });

  test('of nothing keeps everything', () => {
    expect(Object.keys(keptBy(DAYS, {}))).toHaveLength(9);
    expect(Object.keys(keptBy(DAYS, { last: 0 }))).toHaveLength(9);
  });

  test('never removes what is archived, in use, or the only whole one', () => {
    const [first, second] = DAYS;
    const archived = { ...(first as Snapshot), tags: ['archived'] };
    const kept = keptBy([archived, ...DAYS.slice(1)], { last: 1 }, { inUse: new Set([second?.id ?? '']) });
    expect(kept).toEqual({
      '2026-05-01T10:00:00Z': ['archived'],
      '2026-05-02T10:00:00Z': ['in-use'],
      '2026-05-09T10:00:00Z': ['last'],
    });
  });

  test('keeps an incomplete one while no newer one is whole, and never instead of one', () => {
    const incomplete = snapshot('2026-05-10T10:00:00Z', ['incomplete']);
    const older = snapshot('2026-05-08T11:00:00Z', ['incomplete']);
    const { kept, removed } = applyRetention([...DAYS, incomplete, older], { daily: 1 });
    expect(kept.map(({ snapshot: { id }, reasons }) => [id, reasons])).toEqual([
      [incomplete.id, ['only-copy']],
      ['2026-05-09T10:00:00Z', ['daily']],
    ]);
    expect(removed).toContain(older);
    expect(keptBy([incomplete], { daily: 1 })).toEqual({ [incomplete.id]: ['only-copy'] });
  });

  test('never takes a damaged one for one that is kept, and leaves it to its owner', () => {
    const damaged = (day: string) =>
      snapshot(`2026-05-${day}T10:00:00Z`, ['damaged:2026-06-01T00:00:00.000Z']);
    const [sound, older] = ['06', '05'].map((day) => snapshot(`2026-05-${day}T10:00:00Z`, []));
    const all = [damaged('08'), damaged('07'), sound as Snapshot, older as Snapshot];
    expect(keptBy(all, { last: 1 })).toEqual({
      '2026-05-08T10:00:00Z': ['damaged', 'only-copy'],
      '2026-05-07T10:00:00Z': ['damaged', 'only-copy'],
      '2026-05-06T10:00:00Z': ['last'],
    });
  });

  test('counts one backup that was taken in twice as one', () => {
    const [first, second, third] = ['01', '02', '03'].map((day) => snapshot(`2026-05-${day}T10:00:00Z`)) as [
      Snapshot,
      Snapshot,
      Snapshot,
    ];
    const again = { ...third, id: 'again' };
    const edited = { ...second, id: 'edited', tree: 'b'.repeat(64) };
    const { kept, removed } = applyRetention([first, second, edited, third, again], { last: 3 });
    expect(kept.map(({ snapshot: { id } }) => id)).toEqual([third.id, second.id, 'edited']);
    expect(removed).toEqual([again, first]);
    expect(Object.keys(keptBy([third, again], {}))).toHaveLength(2);
  });

  test('treats the snapshots of each path by themselves', () => {
    const other = DAYS.map((one) => ({ ...one, id: `other ${one.id}`, paths: ['/other'] }));
    expect(Object.keys(keptBy([...DAYS, ...other], { last: 2 }))).toHaveLength(4);
  });
});

test('forgetting deletes what the policy does not keep, unless it is only asked', async () => {
  const contents = await exampleVault();
  for (const day of ['01', '02', '03']) {
    await saveExample(contents, { day }, { time: new Date(`2026-05-${day}T10:00:00Z`) });
  }
  const options = { clock: HASTY_CLOCK };
  const asked = await forget(contents.repository, { last: 1 }, { ...options, dryRun: true });
  expect(asked.removed).toHaveLength(2);
  expect(await listSnapshots(contents.repository)).toHaveLength(3);
  await forget(contents.repository, { last: 1 }, options);
  const left = await listSnapshots(contents.repository);
  expect(left.map(({ time }) => time.toISOString())).toEqual(['2026-05-03T10:00:00.000Z']);
});
