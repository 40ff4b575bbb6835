import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const MIB = 1024 * 1024;
const PROGRAM = fileURLToPath(import.meta.resolve('../../testing/measure-transfers.ts'));

let growth: Record<'uploadBytes' | 'downloadBytes' | 'movesBytes', number>;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--conditions=source', PROGRAM],
    { timeout: 60_000 },
  );
  growth = JSON.parse(stdout);
}, 60_000);

test('512 MB from the phone take less than 150 MB of memory', () => {
  expect(growth.uploadBytes).toBeLessThan(150 * MIB);
});

test('512 MB to the phone take less than 150 MB of memory', () => {
  expect(growth.downloadBytes).toBeLessThan(150 * MIB);
});

test('a list of 300,000 moves is never in memory as names', () => {
  // As names it would take about 60 MB.
  expect(growth.movesBytes).toBeLessThan(8 * MIB);
});
