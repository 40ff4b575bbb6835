import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { InspectedFile } from './inspected-file.ts';

export type DatabaseAnswer = 'sound' | 'damaged' | 'cannot-tell';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** Source: sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB. */
const CODES_OF_DAMAGE = new Set([11, 26]);

/** What SQLite says in a row of its report when an app's own function, collation or tokenizer is missing. */
const MISSING_EXTENSION =
  /no such (collation|module|tokenizer|function)|unknown tokenizer|error in tokenizer/i;

export function isDatabase(start: Uint8Array): boolean {
  return MAGIC.equals(start.subarray(0, MAGIC.length));
}

/**
 * Lets SQLite check all pages and indexes of a database, on a private copy with its write-ahead log beside it, so
 * that what was not yet merged counts.
 */
export async function inspectDatabase(file: InspectedFile): Promise<DatabaseAnswer> {
  const folder = await mkdtemp(join(file.workFolder, 'database-'));
  try {
    const path = join(folder, 'inspected.db');
    await copy(file.read(), path);
    const log = file.companion('-wal');
    if (log) await copy(log, `${path}-wal`);
    return checkIntegrity(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkIntegrity(path: string): DatabaseAnswer {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { allowExtension: false });
    database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    const rows = database.prepare('PRAGMA integrity_check(5)').all();
    const complaints = rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
    if (complaints.length === 0) return 'sound';
    return complaints.every((line) => MISSING_EXTENSION.test(line)) ? 'cannot-tell' : 'damaged';
  } catch (error) {
    return isDamage(error) ? 'damaged' : 'cannot-tell';
  } finally {
    if (database?.isOpen) database.close();
  }
}

function isDamage(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' && CODES_OF_DAMAGE.has(errcode & 0xff);
}

async function copy(content: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}
