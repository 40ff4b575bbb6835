import { appendFile, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationFailure, OperationStopped } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operationError } from '../errors.ts';
import { appendToLedger, type LedgerEntry, readLedger } from './ledger.ts';
import { recordRun } from './record-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-ledger-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const all = () => Array.fromAsync(readLedger(folder));
const entry = (id: string): LedgerEntry => ({
  id,
  at: '2026-05-03T10:00:00.000Z',
  by: 'hub',
  operation: 'backup',
  outcome: 'done',
});

describe('the ledger', () => {
  test('is empty where nothing was ever done', async () => {
    expect(await all()).toEqual([]);
  });

  test('gives its entries the newest first, and none of many written at once is lost', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => appendToLedger(folder, entry(`${index}`))));
    await appendToLedger(folder, entry('last'));
    const ids = (await all()).map(({ id }) => id);
    expect(ids[0]).toBe('last');
    expect(new Set(ids).size).toBe(51);
  });

  test('passes over the line of a program that was killed, and goes on after it', async () => {
    await appendToLedger(folder, entry('1'));
    await appendFile(join(folder, 'ledger.jsonl'), '{"id":"2","at":"20\n');
    await appendToLedger(folder, entry('3'));
    expect((await all()).map(({ id }) => id)).toEqual(['3', '1']);
  });

  test('goes on after a line that has no end', async () => {
    await appendToLedger(folder, entry('1'));
    await appendFile(join(folder, 'ledger.jsonl'), '{"id":"2","at"');
    await appendToLedger(folder, entry('3'));
    await appendToLedger(folder, entry('4'));
    expect((await all()).map(({ id }) => id)).toEqual(['4', '3', '1']);
  });

  test('begins a new file when one is full, and reads both', async () => {
    await appendToLedger(folder, entry('old'));
    await truncate(join(folder, 'ledger.jsonl'), 8 * 1024 * 1024);
    await appendToLedger(folder, entry('new'));
    expect(await readdir(folder)).toHaveLength(2);
    expect((await all()).map(({ id }) => id)).toEqual(['new', 'old']);
  });
});

describe('a recorded run', () => {
  const run = (work: () => Promise<unknown>) =>
    recordRun(
      {
        dataFolder: folder,
        by: 'command-line',
        operation: 'backup',
        udid: 'U',
        describe: () => ({ files: 3 }),
      },
      work,
    );

  test('that is done says what it came to', async () => {
    expect(await run(async () => 'result')).toBe('result');
    expect(await all()).toMatchObject([{ outcome: 'done', udid: 'U', files: 3, by: 'command-line' }]);
  });

  test('that failed, was stopped or never began says why', async () => {
    const meaning = { dataState: 'unchanged', yourData: 'Nothing was changed.' } as const;
    const failure = new OperationFailure(operationError('backup-not-whole', { findings: 1 }), meaning);
    const busy = new OperationFailure(operationError('device-busy', { operation: 'restore' }), meaning);
    for (const error of [failure, busy, new OperationStopped(meaning, undefined)]) {
      await expect(run(() => Promise.reject(error))).rejects.toBe(error);
    }
    expect((await all()).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['cancelled', undefined],
      ['did-not-happen', 'operation.device-busy'],
      ['failed', 'operation.backup-not-whole'],
    ]);
  });

  test('is not lost because the ledger cannot be written', async () => {
    await rm(folder, { recursive: true });
    await appendFile(folder, 'a file where the folder should be');
    expect(await run(async () => 'result')).toBe('result');
  });
});
