import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { cutFor, START_BYTES } from './cut-for.ts';

const MEBIBYTE = 1024 * 1024;
const DATABASE = Buffer.from('SQLite format 3\0');

test('a database is cut every 16 KiB, and every 64 KiB from 4 GiB on', () => {
  expect(cutFor(DATABASE, MEBIBYTE)).toEqual({ pageBytes: 16384 });
  expect(cutFor(DATABASE, 4096 * MEBIBYTE - 1)).toEqual({ pageBytes: 16384 });
  expect(cutFor(DATABASE, 4096 * MEBIBYTE)).toEqual({ pageBytes: 65536 });
});

test('anything else, and a small database, is cut by its content', () => {
  expect(cutFor(DATABASE, MEBIBYTE - 1)).toBe('rabin');
  expect(cutFor(Buffer.from('SQLite format 2\0'), 2 * MEBIBYTE)).toBe('rabin');
  expect(cutFor(DATABASE.subarray(0, 8), 2 * MEBIBYTE)).toBe('rabin');
  expect(cutFor(new Uint8Array(0), 0)).toBe('rabin');
});

test('lists of the files of a phone are cut after some of their lines', () => {
  expect(cutFor(Buffer.from('{"cipherList":1}\n{"file":'), MEBIBYTE)).toBe('lines');
  expect(cutFor(Buffer.from(`${'0af9'.repeat(16)}  UDID/00/00`), MEBIBYTE)).toBe('lines');
  expect(cutFor(Buffer.from(`${'0af9'.repeat(16)}  UDID/00/00`), MEBIBYTE - 1)).toBe('rabin');
  expect(cutFor(Buffer.from(`${'0af9'.repeat(16)}`), MEBIBYTE)).toBe('rabin');
});

test('what SQLite writes is taken for a database, and its log as well', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootcellar-'));
  try {
    const database = new DatabaseSync(join(folder, 'a'));
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE a (b); INSERT INTO a VALUES (1)');
    expect(cutFor(startOf(join(folder, 'a')), MEBIBYTE)).toEqual({ pageBytes: 16384 });
    expect(cutFor(startOf(join(folder, 'a-wal')), MEBIBYTE)).toEqual({ pageBytes: 16384 });
    database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function startOf(path: string): Uint8Array {
  return readFileSync(path).subarray(0, START_BYTES);
}
