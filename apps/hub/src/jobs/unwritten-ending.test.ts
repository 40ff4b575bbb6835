import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerEntry, readLedger } from '@rootcellar/operations';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobRecords } from '../store/job-records.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/schema.ts';
import { UnwrittenEnding } from './unwritten-ending.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-ending-'));
  store = await openStore({ folder });
});
afterEach(async () => {
  await store.destroy();
  await rm(folder, { recursive: true, force: true });
});

const at = new Date('2026-05-03T10:00:00Z');
const entry: LedgerEntry = {
  id: 'run',
  at: at.toISOString(),
  by: 'hub',
  operation: 'backup',
  outcome: 'failed',
};

test('two that write at the same time do not take each other for done, and lose no line of the ledger', async () => {
  const to = { records: new JobRecords(store), leaseOwner: 'hub', dataFolder: folder };
  const ending = { state: 'failed', result: null, error: null, yourData: null } as const;
  const unwritten = new UnwrittenEnding(to, { id: 'job', ending, at }, entry);
  await mkdir(join(folder, 'ledger.jsonl'));
  expect(await Promise.all([unwritten.write(), unwritten.write()])).toEqual([false, false]);
  await rmdir(join(folder, 'ledger.jsonl'));
  expect(await Promise.all([unwritten.write(), unwritten.write()])).toEqual([true, true]);
  expect(await unwritten.write()).toBe(true);
  expect(await Array.fromAsync(readLedger(folder))).toEqual([entry]);
});
