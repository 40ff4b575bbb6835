import { rename, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { kindOfRow, type ManifestRow } from './manifest-row.ts';
import { encodeMBFile, parseMBFile } from './mb-file.ts';

/**
 * The text of the schema as every version since iOS 10 writes it.
 * Source: backup-format specification, section 3.2.
 */
const FILES_TABLE =
  'CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)';

/** Made after the rows: sorting once is several times faster than keeping three orders all the time. */
const REST_OF_SCHEMA = [
  'CREATE INDEX FilesDomainIdx ON Files(domain)',
  'CREATE INDEX FilesRelativePathIdx ON Files(relativePath)',
  'CREATE INDEX FilesFlagsIdx ON Files(flags)',
  'CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)',
];

/** The `flags` column. */
const ROW_FLAGS = { file: 1, folder: 2, link: 4 } as const;

/** Our limit on one MBFile: its attributes have at most 2 KiB, its paths 1 KiB each. */
const MB_FILE_BYTES_MAX = 64 * 1024;

/** Our limit on rows: four times the largest backup that anybody reported (1.31 million rows). */
const ROWS_MAX = 5_000_000;

/** Enough for the index over the names of half a million files. */
const CACHE_KIB = 64 * 1024;

/** Nobody needs a half of the file. */
const WITHOUT_JOURNAL = `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`;
const WITH_WAL = 'PRAGMA journal_mode = WAL; PRAGMA main.wal_checkpoint(TRUNCATE)';

/**
 * Makes the Manifest.db of a backup: the one before, changed; a new one where there is none, or it is not ours.
 *
 * @param path where nothing is yet
 * @param before the one before, which is moved
 */
export async function makeManifestDb(
  path: string,
  rows: readonly ManifestRow[],
  before?: string | undefined,
): Promise<void> {
  if (before !== undefined) {
    await rename(before, path);
    try {
      return updateManifestDb(path, rows);
    } catch {
      await rm(path);
    }
  }
  writeManifestDb(path, rows);
}

/**
 * Writes Manifest.db to a file that does not exist yet: in WAL mode as the header says, but without a
 * log, so that the file is complete alone.
 */
export function writeManifestDb(path: string, rows: Iterable<ManifestRow>): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA page_size = 4096; PRAGMA auto_vacuum = 2; PRAGMA user_version = 2');
    db.exec(`${WITHOUT_JOURNAL}; BEGIN; ${FILES_TABLE}`);
    const insert = db.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
    for (const row of rows) insert.run(row.fileID, ...columnsOf(row));
    db.exec(`${REST_OF_SCHEMA.join(';')}; COMMIT; ${WITH_WAL}`);
  } finally {
    db.close();
  }
}

/**
 * Changes a Manifest.db in place so that it has these rows: what did not change stays on its page.
 *
 * Unknown: whether a real phone does so. It fetches the database before each incremental backup, and makes it with
 * `auto_vacuum`, which is of use only to one that is changed. Source: backup-format specification, 3.2; `observed.md`, 1.5.
 *
 * @throws if it is not one that `writeManifestDb` has made: then nothing was changed
 */
export function updateManifestDb(path: string, rows: Iterable<ManifestRow>): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY');
    requireOurs(db);
    db.exec(`PRAGMA journal_mode = DELETE; ${WITHOUT_JOURNAL}; BEGIN`);
    db.exec('CREATE TEMP TABLE Present (fileID TEXT PRIMARY KEY) WITHOUT ROWID');
    const note = db.prepare('INSERT INTO Present VALUES (?)');
    const find = db.prepare('SELECT domain, relativePath, flags, file FROM Files WHERE fileID = ?');
    const insert = db.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
    const update = db.prepare(
      'UPDATE Files SET domain = ?, relativePath = ?, flags = ?, file = ? WHERE fileID = ?',
    );
    for (const row of rows) {
      const columns = columnsOf(row);
      const there = find.get(row.fileID);
      note.run(row.fileID);
      if (there === undefined) insert.run(row.fileID, ...columns);
      else if (!saysTheSame(there, columns)) update.run(...columns, row.fileID);
    }
    db.exec('DELETE FROM Files WHERE fileID IS NULL OR fileID NOT IN (SELECT fileID FROM Present)');
    db.exec(`COMMIT; ${WITH_WAL}`);
  } finally {
    db.close();
  }
}

function columnsOf(
  row: ManifestRow,
): [domain: string, relativePath: string, flags: number, file: Uint8Array] {
  return [row.domain, row.relativePath, ROW_FLAGS[kindOfRow(row) ?? 'file'], encodeMBFile(row)];
}

function saysTheSame(
  there: Record<string, unknown>,
  [domain, relativePath, flags, file]: ReturnType<typeof columnsOf>,
): boolean {
  const isSameFile = there['file'] instanceof Uint8Array && Buffer.compare(there['file'], file) === 0;
  return (
    isSameFile &&
    there['domain'] === domain &&
    there['relativePath'] === relativePath &&
    there['flags'] === flags
  );
}

/** A trigger of a stranger would run with every change. */
function requireOurs(db: DatabaseSync): void {
  const schema = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql').all();
  const isOurs = isDeepStrictEqual(
    schema.map(({ sql }) => sql),
    [FILES_TABLE, ...REST_OF_SCHEMA].sort(),
  );
  const { quick_check: found } = db.prepare('PRAGMA quick_check(1)').get() ?? {};
  if (!isOurs || found !== 'ok') throw new Error('Manifest.db is not as this phone writes it');
}

/** A row nobody can use, and what is wrong with it. */
export interface DamagedRow {
  readonly damage: 'incomplete' | 'record' | 'too many';
}

/**
 * Reads a Manifest.db that came from outside. The file is a private copy that nobody else opens;
 * what it says is believed in nothing but its own names and numbers.
 *
 * @throws an error of SQLite if it is no such database
 */
export function* readManifestDb(path: string): Generator<ManifestRow | DamagedRow, void, void> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    requireTable(db);
    const select = db.prepare(`
      SELECT fileID, domain, relativePath, CASE WHEN length(file) <= ${MB_FILE_BYTES_MAX} THEN file END AS file
      FROM Files LIMIT ${ROWS_MAX + 1}`);
    let count = 0;
    for (const row of select.iterate()) {
      count += 1;
      yield count > ROWS_MAX ? { damage: 'too many' } : parseRow(row);
    }
  } finally {
    db.close();
  }
}

export function isDamaged(row: ManifestRow | DamagedRow): row is DamagedRow {
  return 'damage' in row;
}

/** A view called Files could make us compute for ever. */
function requireTable(db: DatabaseSync): void {
  const found = db.prepare("SELECT type FROM sqlite_schema WHERE name = 'Files'").get();
  if (found?.['type'] !== 'table') throw new Error('Manifest.db has no table Files');
}

function parseRow(row: Record<string, unknown>): ManifestRow | DamagedRow {
  const { fileID, domain, relativePath, file } = row;
  if (typeof fileID !== 'string' || typeof domain !== 'string' || typeof relativePath !== 'string') {
    return { damage: 'incomplete' };
  }
  if (!(file instanceof Uint8Array) || !/^[0-9a-f]{40}$/.test(fileID)) return { damage: 'incomplete' };
  const record = parseMBFile(file, relativePath);
  return record === undefined ? { damage: 'record' } : { fileID, domain, relativePath, ...record };
}
