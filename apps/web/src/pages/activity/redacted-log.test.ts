import type { LedgerEntryAnswer } from '@rootcellar/api';
import { expect, test } from 'vitest';
import { redactedLog } from './redacted-log.ts';

const ENTRY: LedgerEntryAnswer = {
  id: '1',
  at: '2026-11-22T08:00:00.000Z',
  startedAt: null,
  by: 'hub',
  operation: 'backup',
  udid: '00008120-000AF302FBED35C4',
  deviceName: 'Lena’s iPhone',
  outcome: 'failed',
  reason: 'usbmux.closed',
  happened: 'The cable of Lena’s iPhone was pulled.',
  yourData: 'Lena’s backup is whole.',
  next: 'Plug it in.',
  dataState: 'earlier-snapshots-intact',
  files: 3,
  bytes: 4,
};

test('a log for others tells what happened, and of whom only which is which', () => {
  const log = redactedLog([ENTRY, { ...ENTRY, udid: 'other' }, ENTRY]);
  expect(log).not.toContain('Lena');
  expect(log).not.toContain('00008120');
  expect(log).toContain('usbmux.closed');
  expect([...log.matchAll(/phone-\d/g)].map(([name]) => name)).toEqual(['phone-1', 'phone-2', 'phone-1']);
});
