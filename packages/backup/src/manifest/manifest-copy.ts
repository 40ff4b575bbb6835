import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadableTree, treePath } from '@rootcellar/core';
import { decrypt } from '../content/decrypt.ts';
import { backupError } from '../errors.ts';
import { readManifestPlist } from '../folder/manifest-plist.ts';
import type { BackupKeys } from '../keybag/backup-keys.ts';
import { HEADER_BYTES, pageBytesOf } from './database-header.ts';

const MANIFEST = treePath('Manifest.db');
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const MAGIC_PART = { start: 0, end: SQLITE_MAGIC.length };
const FIRST_BLOCKS = { start: 0, end: 64 };
/** Source: sqlite.org, "Database File Format" §1.3.2. */
const SMALLEST_PAGE_BYTES = 512;

const NO_PLIST = { isEncrypted: false, manifestKey: undefined };

export interface ManifestCopy {
  readonly databasePath: string;
  /** Removes the copy and what SQLite left beside it. */
  remove(): Promise<void>;
}

export interface CopyOptions {
  /** Where the private copy goes. Default: the system's folder for temporary files. */
  readonly temporaryFolder?: string;
  /** Of an encrypted backup. */
  readonly keys?: BackupKeys | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Copies Manifest.db where SQLite may write beside it: it is in WAL mode, and opening it in place would
 * create files in the owner's backup. Only the owner of the process can read the copy.
 *
 * @throws `backup.manifest-missing`, `backup.manifest-empty`, `backup.manifest-encrypted`,
 *   `backup.manifest-damaged`, `backup.manifest-key-missing`, `backup.file-key-damaged`, what the tree throws
 */
export async function copyManifest(tree: ReadableTree, options: CopyOptions = {}): Promise<ManifestCopy> {
  const entry = await tree.stat(MANIFEST);
  if (entry?.kind !== 'file') throw backupError('manifest-missing');
  if (entry.sizeBytes === 0) throw backupError('manifest-empty');
  const key = (await isSqlite(tree.read(MANIFEST, MAGIC_PART))) ? undefined : await keyOf(tree, options.keys);
  return fillCopy(options, async (databasePath) => {
    const content = tree.read(MANIFEST);
    // Not every writer pads: the pages tell where it ends.
    await copyTo(databasePath, key ? decrypt(key, content, { keepsPadding: true }) : content, options.signal);
    if (key) await cutPadding(databasePath);
  });
}

/** Has a database made in a folder that only the owner of the process can enter; if that fails, nothing stays. */
export async function fillCopy(
  { temporaryFolder = tmpdir() }: CopyOptions,
  fill: (databasePath: string) => Promise<void>,
): Promise<ManifestCopy> {
  const folder = await mkdtemp(join(temporaryFolder, 'rootcellar-manifest-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const databasePath = join(folder, 'Manifest.db');
  try {
    await fill(databasePath);
  } catch (error) {
    await remove();
    throw error;
  }
  return { databasePath, remove };
}

async function copyTo(
  databasePath: string,
  content: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const file = await open(databasePath, 'wx', 0o600);
  try {
    for await (const piece of content) {
      signal?.throwIfAborted();
      await writeAll(file, piece);
    }
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let written = 0; written < piece.length; ) {
    const { bytesWritten } = await file.write(piece, written);
    written += bytesWritten;
  }
}

async function isSqlite(start: AsyncIterable<Uint8Array>): Promise<boolean> {
  return Buffer.concat(await Array.fromAsync(start)).equals(SQLITE_MAGIC);
}

/** The key of a list that does not look like SQLite. */
async function keyOf(tree: ReadableTree, keys: BackupKeys | undefined): Promise<Uint8Array> {
  const { isEncrypted, manifestKey } = await readManifestPlist(tree).catch(unlessUnreadable);
  if (!isEncrypted) throw backupError('manifest-damaged', { reason: 'not SQLite' });
  if (keys === undefined) throw backupError('manifest-encrypted');
  if (manifestKey === undefined) throw backupError('manifest-key-missing');
  const key = keys.openKey(manifestKey);
  const { value: start } = await decrypt(key, tree.read(MANIFEST, FIRST_BLOCKS)).next();
  if (!SQLITE_MAGIC.equals(start?.subarray(0, SQLITE_MAGIC.length) ?? Buffer.alloc(0))) {
    throw backupError('manifest-damaged', { reason: 'not SQLite when decrypted' });
  }
  return key;
}

function unlessUnreadable(error: unknown): typeof NO_PLIST {
  if (!backupError.matches(error)) throw error;
  return NO_PLIST;
}

/** What follows the last whole page is no part of the database. */
async function cutPadding(databasePath: string): Promise<void> {
  const file = await open(databasePath, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const pageBytes = pageBytesOf(buffer);
    const { size } = await file.stat();
    if (pageBytes >= SMALLEST_PAGE_BYTES) await file.truncate(size - (size % pageBytes));
  } finally {
    await file.close();
  }
}
