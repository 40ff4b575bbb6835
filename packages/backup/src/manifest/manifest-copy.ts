import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadableTree, treePath } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { readManifestPlist } from '../folder/manifest-plist.ts';

const MANIFEST = treePath('Manifest.db');
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

export interface ManifestCopy {
  readonly databasePath: string;
  /** Removes the copy and what SQLite left beside it. */
  remove(): Promise<void>;
}

export interface CopyOptions {
  /** Where the private copy goes. Default: the system's folder for temporary files. */
  readonly temporaryFolder?: string;
  readonly signal?: AbortSignal;
}

/**
 * Copies Manifest.db where SQLite may write beside it: it is in WAL mode, and opening it in place would
 * create files in the owner's backup. Only the owner of the process can read the copy.
 *
 * @throws `backup.manifest-missing`, `backup.manifest-empty`, `backup.manifest-encrypted`,
 *   `backup.manifest-damaged`, what the tree throws
 */
export async function copyManifest(tree: ReadableTree, options: CopyOptions = {}): Promise<ManifestCopy> {
  const entry = await tree.stat(MANIFEST);
  if (entry?.kind !== 'file') throw backupError('manifest-missing');
  if (entry.sizeBytes === 0) throw backupError('manifest-empty');
  await requireSqlite(tree);
  return fillCopy(options, (databasePath) => copyTo(databasePath, tree, options.signal));
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

async function copyTo(databasePath: string, tree: ReadableTree, signal?: AbortSignal): Promise<void> {
  const file = await open(databasePath, 'wx', 0o600);
  try {
    for await (const piece of tree.read(MANIFEST)) {
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

async function requireSqlite(tree: ReadableTree): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of tree.read(MANIFEST, { start: 0, end: SQLITE_MAGIC.length })) pieces.push(piece);
  if (Buffer.concat(pieces).equals(SQLITE_MAGIC)) return;
  const { isEncrypted } = await readManifestPlist(tree).catch(() => ({ isEncrypted: false }));
  throw isEncrypted
    ? backupError('manifest-encrypted')
    : backupError('manifest-damaged', { reason: 'not SQLite' });
}
