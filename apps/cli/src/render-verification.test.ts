import type { CheckedBackup } from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { renderVerification } from './render-verification.ts';

const MAY = new Date(2026, 4, 3, 14, 5);
const JUNE = new Date(2026, 5, 9, 7, 30);

const linesOf = (age: Partial<CheckedBackup['age']>) =>
  renderVerification({
    verdict: 'whole-but-old',
    folder: '',
    files: 7,
    bytes: 70,
    checkedBy: { digest: 7, structure: 0, length: 0 },
    findings: [],
    findingsLeftOut: 0,
    age: { takenAt: MAY, newestAt: undefined, isLongAgo: false, ...age },
  }).split('\n');

const NOT_THE_NEWEST = '  It is not the newest: that is of 9 June 2026 at 07:30.';
const LONG_AGO = '  It is over 30 days old: of 3 May 2026 at 14:05.';

test('an old backup says whether there is a newer one, or it is long ago, with the date', () => {
  expect(linesOf({ newestAt: JUNE }).slice(0, -1)).toEqual([
    'This backup is whole, but old.',
    NOT_THE_NEWEST,
  ]);
  expect(linesOf({ isLongAgo: true }).slice(1, -1)).toEqual([LONG_AGO]);
  expect(linesOf({ newestAt: JUNE, isLongAgo: true }).slice(1, -1)).toEqual([NOT_THE_NEWEST, LONG_AGO]);
});

const DEEP: CheckedBackup = {
  verdict: 'whole',
  folder: '',
  files: 1,
  bytes: 70,
  checkedBy: { digest: 1, structure: 0, length: 0 },
  findings: [],
  findingsLeftOut: 0,
};

test('whoever asked to look inside reads that it was done, or why not', () => {
  const locked = { code: 'manifest-encrypted', severity: 'doubt', message: '', remedy: '' } as const;
  const sealed = { ...DEEP, findings: [locked] };
  expect(renderVerification(DEEP, { deep: true })).toContain('Looked inside too');
  expect(renderVerification(sealed, { deep: true })).toContain('Not looked inside');
  expect(renderVerification(DEEP)).not.toContain('nside');
});

test('one file is one file', () => {
  expect(renderVerification(DEEP)).toMatch(/ {2}1 file, /);
});
