import type { BackupSummary } from '@rootcellar/api';
import { expect, test } from 'vitest';
import { rootChart, rootOutline } from './root-chart-shapes.ts';

const ROOM = { width: 440, margin: 16, shortest: 14, longest: 38 };
const NEWEST = new Date(2026, 10, 22, 12);

function backup(id: string, day: number, addedBytes: number | null): BackupSummary {
  return {
    id,
    kind: 'snapshot',
    udid: 'U',
    deviceName: 'P',
    productType: null,
    productVersion: null,
    takenAt: new Date(2026, 10, day, 8).toISOString(),
    sizeBytes: 100,
    addedBytes,
    encrypted: false,
    verified: true,
    verifiedAt: null,
    verdict: 'whole',
    archived: false,
    recordID: null,
    keptAs: null,
  };
}

test('a day has its roots or a dot', () => {
  const { roots, dots } = rootChart(
    [backup('a', 22, 5), backup('b', 22, 5), backup('c', 20, 5)],
    NEWEST,
    14,
    ROOM,
  );
  expect(roots.map(({ backup: { id } }) => id)).toEqual(['c', 'a', 'b']);
  expect(dots).toHaveLength(12);
  expect(roots[1]?.x).toBeLessThan(roots[2]?.x ?? 0);
});

test('what was added is the length; what nobody counted is short', () => {
  const { roots } = rootChart(
    [backup('a', 20, 1000), backup('b', 21, 250), backup('c', 22, null)],
    NEWEST,
    14,
    ROOM,
  );
  expect(roots.map(({ length }) => length)).toEqual([38, 26, 14]);
});

test('older than the chart is left out, and nothing at all is a field of dots', () => {
  expect(rootChart([backup('a', 1, 1)], NEWEST, 14, ROOM).roots).toEqual([]);
  expect(rootChart([], NEWEST, 14, ROOM).dots).toHaveLength(14);
  expect(rootOutline({ x: 10, length: 20, width: 8 }, 30)).not.toContain('NaN');
});
