import type { FindingCode } from '../finding.ts';
import { type DatabaseState, databaseState } from '../manifest/database-header.ts';
import type { OneBlob } from './blob-content.ts';
import type { PlainContent } from './plain-content.ts';

/** Names that apps give to databases. Without reading a file, the name is all there is. */
const DATABASE_NAME = /\.(db|sqlite|sqlite3|sqlitedb|storedata|store)$/i;

/** @param plain absent if the content cannot or shall not be read */
export async function checkStructureOrLength(blob: OneBlob, plain: PlainContent | undefined): Promise<void> {
  const { report, place, sizeBytes } = blob;
  const expected = expectedBytes(blob);
  if (sizeBytes === 0 && expected !== undefined && expected > 0) {
    report.find('blob-empty', place);
    return;
  }
  const state = await readDatabaseState(blob, plain, expected);
  if (state === 'whole') report.countGood('structure');
  else if (state !== 'cut-short' && expected === sizeBytes) report.countGood('length');
  if (state === 'cut-short') report.find('database-cut-short', place);
  else if (expected === undefined) report.find('length-unknown', place);
  else if (expected !== sizeBytes) report.find(codeOfDifference(state), place);
}

function codeOfDifference(state: DatabaseState | 'unread'): FindingCode {
  return state === 'whole' || state === 'unread' ? 'length-differs-database' : 'length-differs';
}

/**
 * Looks into the content only where it can matter: it is called like a database, or its length is off.
 * `unread`: it is called like one, and that is all we can know.
 */
async function readDatabaseState(
  { entry, sizeBytes }: OneBlob,
  plain: PlainContent | undefined,
  expected: number | undefined,
): Promise<DatabaseState | 'unread'> {
  const isNamedSo = DATABASE_NAME.test(entry.relativePath);
  if (plain === undefined) return isNamedSo ? 'unread' : 'no-database';
  if (!isNamedSo && expected === sizeBytes) return 'no-database';
  return databaseState(plain.read({ start: 0, end: 100 }), plain.sizeBytes);
}

/** What a file of its size takes in the backup; encryption adds 1 to 16 bytes. */
export function expectedBytes(blob: Pick<OneBlob, 'entry' | 'isEncrypted'>): number | undefined {
  const { sizeBytes } = blob.entry;
  if (sizeBytes === undefined || !isSealed(blob)) return sizeBytes;
  return Math.floor(sizeBytes / 16) * 16 + 16;
}

/** A file without a key is plain even in an encrypted backup. */
export function isSealed({ entry, isEncrypted }: Pick<OneBlob, 'entry' | 'isEncrypted'>): boolean {
  return isEncrypted && entry.encryptionKey !== undefined;
}
