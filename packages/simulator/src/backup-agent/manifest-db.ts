import { DatabaseSync } from 'node:sqlite';
import { kindOfRow, type ManifestRow } from './manifest-row.ts';
import { encodeMBFile, parseMBFile } from './mb-file.ts';

/**
 * The text of the schema as every version since iOS 10 writes it.
 * Source: backup-format specification, section 3.2.
 */
const FILES_TABLE =
  'CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)';

/** Made after the rows: sorting once is several times faster than keeping three orders all the time. */
const REST_OF_SCHEMA = `
CREATE INDEX FilesDomainIdx ON Files(domain);
CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
CREATE INDEX FilesFlagsIdx ON Files(flags);
CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
`;

/** The `flags` column. */
const ROW_FLAGS = { file: 1, folder: 2, link: 4 } as const;

/** Our limit on one MBFile: its attributes have at most 2 KiB, its paths 1 KiB each. */
const MB_FILE_BYTES_MAX = 64 * 1024;

/** Our limit on rows: four times the largest backup that anybody reported (1.31 million rows). */
const ROWS_MAX = 5_000_000;

/** Enough for the index over the names of half a million files. */
const CACHE_KIB = 64 * 1024;

/**
 * Writes Manifest.db to a file that does not exist yet: in WAL mode as the header says, but without a
 * log, so that the file is complete alone. Nobody needs a half of it, so nothing is journalled.
 */
export function writeManifestDb(path: string, rows: Iterable<ManifestRow>): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA page_size = 4096; PRAGMA auto_vacuum = 2; PRAGMA user_version = 2');
    db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
    db.exec(`BEGIN; ${FILES_TABLE}`);
    const insert = db.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
    for (const row of rows) {
      const flags = ROW_FLAGS[kindOfRow(row) ?? 'file'];
      insert.run(row.fileID, row.domain, row.relativePath, flags, encodeMBFile(row));
    }
    db.exec(`${REST_OF_SCHEMA}; COMMIT; PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)`);
  } finally {
    db.close();
  }
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
