import { manualClock } from '@rootcellar/core';
import type { BackupLibrary, KeptBackup } from '@rootcellar/operations';
import { describe, expect, test } from 'vitest';
import { BackupCatalogue, backupAnswer } from './backup-catalogue.ts';

const AT = new Date('2026-05-03T10:00:00Z');

const kept = (id: string, change: Partial<KeptBackup> = {}): KeptBackup => ({
  id,
  recordID: undefined,
  kind: 'snapshot',
  udid: 'U1',
  deviceName: 'Ann',
  productType: undefined,
  productVersion: undefined,
  takenAt: AT,
  sizeBytes: 1,
  addedBytes: 1,
  encrypted: false,
  verified: false,
  verification: undefined,
  archived: false,
  incomplete: false,
  keptAs: undefined,
  ...change,
});

const lastGoodOf = async (...backups: readonly KeptBackup[]) => {
  const library = { list: async () => backups } as unknown as BackupLibrary;
  const catalogue = new BackupCatalogue(library, manualClock(AT), () => {});
  return (await catalogue.lastGood('U1'))?.id;
};

describe('the last good backup', () => {
  test('is the newest that is one', async () => {
    expect(await lastGoodOf(kept('new'), kept('old'))).toBe('new');
    expect(await lastGoodOf(kept('left', { kind: 'unfinished' }), kept('old'))).toBe('old');
    expect(await lastGoodOf(kept('other', { udid: 'U2' }), kept('old'))).toBe('old');
    const damaged = { at: AT, verdict: 'damaged' } as const;
    expect(await lastGoodOf(kept('bad', { verification: damaged }), kept('old'))).toBe('old');
  });

  test('is none that is incomplete, also where there is no other', async () => {
    expect(await lastGoodOf(kept('part', { incomplete: true }), kept('old'))).toBe('old');
    expect(await lastGoodOf(kept('part', { incomplete: true }))).toBeUndefined();
  });
});

test('what is left of a failed backup is told to be incomplete, and never to be whole', () => {
  expect(backupAnswer(kept('part', { incomplete: true }))).toMatchObject({
    verdict: 'incomplete',
    verified: false,
  });
  expect(backupAnswer(kept('whole'))).toMatchObject({ verdict: null, keptAs: null });
});

test('what was changed of a phone is seen by who waited for it; nobody else waits', async () => {
  const asked: (string | undefined)[] = [];
  let now = [kept('old'), kept('other', { udid: 'U2' })];
  const library = {
    list: async (udid?: string) => {
      asked.push(udid);
      return now.filter((each) => udid === undefined || each.udid === udid);
    },
  } as unknown as BackupLibrary;
  const catalogue = new BackupCatalogue(library, manualClock(AT), () => {});
  const ids = async () => (await catalogue.all()).map(({ id }) => id);
  expect(await ids()).toEqual(['old', 'other']);
  now = [kept('new', { takenAt: new Date(AT.getTime() + 1) }), ...now];
  const renewed = catalogue.renew('U1');
  expect(await ids()).toEqual(['old', 'other']);
  await renewed;
  expect(await ids()).toEqual(['new', 'old', 'other']);
  expect(asked).toEqual([undefined, 'U1']);
});
