import { createHash } from 'node:crypto';
import { KnownError } from '@rootcellar/core';
import type { FindingCode, FindingPlace } from '../finding.ts';
import { blobPath } from '../folder/blob-path.ts';
import { type DatabaseState, databaseState } from '../manifest/database-header.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { BlobCheck } from './blobs.ts';

interface OneBlob extends BlobCheck {
  readonly entry: ManifestEntry;
  /** As it lies in the backup. */
  readonly sizeBytes: number;
  readonly place: FindingPlace;
}

/** By the length of the check value. SHA-1 is all that was seen; 32 bytes are accepted in case. */
const DIGESTS: ReadonlyMap<number, string> = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
]);

/** Names that apps give to databases. Without reading a file, the name is all there is. */
const DATABASE_NAME = /\.(db|sqlite|sqlite3|sqlitedb|storedata|store)$/i;

/** Checks the content of one file with the strongest means there is: digest, structure, length. */
export async function checkBlob(blob: OneBlob): Promise<void> {
  try {
    await checkContent(blob);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    blob.report.find('blob-unreadable', blob.place);
  }
}

async function checkContent(blob: OneBlob): Promise<void> {
  const { entry, depth, report, place } = blob;
  const algorithm = entry.digest && DIGESTS.get(entry.digest.length);
  if (depth === 'names' || algorithm === undefined) {
    if (entry.digest !== undefined && algorithm === undefined) report.find('digest-unknown', place);
    await checkStructureOrLength(blob);
  } else if (await hasDigest(blob, algorithm)) {
    report.countGood('digest');
  } else {
    report.find('digest-wrong', place);
  }
}

async function hasDigest({ tree, entry, options }: OneBlob, algorithm: string): Promise<boolean> {
  const hash = createHash(algorithm);
  for await (const piece of tree.read(blobPath(entry.fileID))) {
    options.signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest().equals(entry.digest as Uint8Array);
}

async function checkStructureOrLength(blob: OneBlob): Promise<void> {
  const { report, place, sizeBytes } = blob;
  const expected = expectedBytes(blob);
  if (sizeBytes === 0 && expected !== undefined && expected > 0) {
    report.find('blob-empty', place);
    return;
  }
  const state = await readDatabaseState(blob, expected);
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
  blob: OneBlob,
  expected: number | undefined,
): Promise<DatabaseState | 'unread'> {
  const { tree, entry, sizeBytes, depth, isEncrypted } = blob;
  const isNamedSo = DATABASE_NAME.test(entry.relativePath);
  if (depth === 'names' || isSealed(entry, isEncrypted)) return isNamedSo ? 'unread' : 'no-database';
  if (!isNamedSo && expected === sizeBytes) return 'no-database';
  return databaseState(tree, blobPath(entry.fileID), sizeBytes);
}

/** What a file of its size takes in the backup; encryption adds 1 to 16 bytes. */
function expectedBytes({ entry, isEncrypted }: OneBlob): number | undefined {
  if (entry.sizeBytes === undefined || !isSealed(entry, isEncrypted)) return entry.sizeBytes;
  return Math.floor(entry.sizeBytes / 16) * 16 + 16;
}

/** A file without a key is plain even in an encrypted backup. */
function isSealed(entry: ManifestEntry, isEncrypted: boolean): boolean {
  return isEncrypted && entry.encryptionKey !== undefined;
}
