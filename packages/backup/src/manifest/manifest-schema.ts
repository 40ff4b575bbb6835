import type { DatabaseSync } from 'node:sqlite';
import { backupError } from '../errors.ts';
import type { BackupKeys } from '../keybag/backup-keys.ts';
import { parseFileRecord } from './file-record.ts';
import { decodeIos100Record } from './ios-10-0-record.ts';
import type { RecordReader } from './manifest-entry.ts';

/** Since iOS 10.1. Source: manifests of iOS 10.3 to 16. */
const KNOWN_USER_VERSION = 2;

/** Source: published dumps of iOS 10.3 to 11.2, manifests of iOS 14 to 16. */
const COLUMNS = ['fileID', 'domain', 'relativePath', 'flags', 'file'];

/**
 * Only a plain table with the columns we know: a view or a computed column could run without end.
 * Answers whether the version is known.
 */
export function checkSchema(database: DatabaseSync): boolean {
  database.exec('PRAGMA trusted_schema = OFF');
  const tables = database.prepare("SELECT type, sql FROM sqlite_schema WHERE name = 'Files'").all();
  const isTable = tables.length === 1 && tables[0]?.['type'] === 'table';
  const isPlain = /^CREATE TABLE/i.test(String(tables[0]?.['sql']));
  const columns = database.prepare("SELECT name, hidden FROM pragma_table_xinfo('Files')").all();
  const names = new Set(columns.map((column) => column['name']));
  const isKnown = COLUMNS.every((name) => names.has(name)) && columns.every(({ hidden }) => hidden === 0);
  if (!isTable || !isPlain || !isKnown) throw backupError('manifest-damaged', { reason: 'unknown tables' });
  return database.prepare('PRAGMA user_version').get()?.['user_version'] === KNOWN_USER_VERSION;
}

/** Of a list whose records are encrypted one by one; `undefined` for all others. */
export function ios100Reader(database: DatabaseSync, keys: BackupKeys | undefined): RecordReader | undefined {
  const salt = asDamage('unknown tables', () => ios100Salt(database));
  if (salt === undefined) return undefined;
  if (keys === undefined) throw backupError('manifest-encrypted');
  return (file) => {
    const text = Buffer.from(file).toString('latin1');
    return parseFileRecord(decodeIos100Record(text, keys.password, salt));
  };
}

function ios100Salt(database: DatabaseSync): Uint8Array | undefined {
  const hasProperties = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'Properties'").get();
  if (hasProperties === undefined) return undefined;
  const select = database.prepare('SELECT CAST(value AS BLOB) AS value FROM Properties WHERE key = ?');
  const hash = select.get('passwordHash')?.['value'];
  const salt = select.get('salt')?.['value'];
  return hash instanceof Uint8Array && salt instanceof Uint8Array ? salt : undefined;
}

/** What SQLite cannot read is damage; its words may contain names, so they stay in the cause. */
export function asDamage<T>(reason: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isSqlite = (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
    throw isSqlite ? backupError('manifest-damaged', { reason }, error) : error;
  }
}
