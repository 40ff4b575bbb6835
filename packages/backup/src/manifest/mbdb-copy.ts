import { DatabaseSync } from 'node:sqlite';
import { type ReadableTree, treeError, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { type CopyOptions, fillCopy, type ManifestCopy } from './manifest-copy.ts';
import { type EntryKind, kindByMode } from './manifest-entry.ts';
import { parseMbdbRecord, splitMbdb } from './mbdb.ts';

export const MBDB = treePath('Manifest.mbdb');

/** The table of a Manifest.db, so that one program reads both. The column `file` holds the record as it is. */
const SCHEMA = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -32768;
  PRAGMA user_version = 2;
  CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);`;

const FLAG_BY_KIND: Readonly<Record<EntryKind, number>> = { file: 1, folder: 2, link: 4 };
const NO_KIND = 0;

/**
 * Writes the records of Manifest.mbdb into a private database, because they lie in no order, and a phone has half a
 * million. Where two have one fileID the later one counts.
 *
 * @throws `backup.manifest-missing`, `backup.manifest-empty`, `backup.manifest-damaged`, what the tree throws
 */
export async function copyMbdb(tree: ReadableTree, options: CopyOptions = {}): Promise<ManifestCopy> {
  const entry = await tree.stat(MBDB);
  if (entry?.kind !== 'file') throw backupError('manifest-missing');
  if (entry.sizeBytes === 0) throw backupError('manifest-empty');
  return fillCopy(options, async (databasePath) => {
    const database = new DatabaseSync(databasePath);
    try {
      database.exec(SCHEMA);
      await insertRecords(database, tree, options.signal);
    } catch (error) {
      throw diskErrorFor(error);
    } finally {
      database.close();
    }
  });
}

async function insertRecords(
  database: DatabaseSync,
  tree: ReadableTree,
  signal: AbortSignal | undefined,
): Promise<void> {
  const insert = database.prepare('INSERT OR REPLACE INTO Files VALUES (?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for await (const bytes of splitMbdb(tree.read(MBDB))) {
    signal?.throwIfAborted();
    const { fileID, domain, record } = parseMbdbRecord(bytes);
    const kind = kindByMode(record.mode);
    const flag = kind === undefined ? NO_KIND : FLAG_BY_KIND[kind];
    insert.run(fileID ?? null, domain ?? null, record.relativePath ?? null, flag, bytes);
  }
  database.exec('COMMIT');
}

/** SQLite's word for a full disk. Source: sqlite3.h, SQLITE_FULL. */
const SQLITE_FULL = 13;

/** What fails here is the disk that the copy lies on, never the backup. */
function diskErrorFor(error: unknown): unknown {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR') return error;
  return treeError(errcode === SQLITE_FULL ? 'disk-full' : 'input-output', {}, error);
}
