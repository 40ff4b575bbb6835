import {
  type BackupKeys,
  type CopyOptions,
  FileIDSet,
  fileIDsOfEqualRows,
  openManifest,
} from '@rootcellar/backup';
import {
  KnownError,
  nameOf,
  type ReadableTree,
  ROOT,
  type TreeEntry,
  type TreePath,
  treePath,
} from '@rootcellar/core';
import { hashNow } from '../back-up-device/folder-hashes.ts';
import { recordNameOf } from './cipher-records.ts';

const MANIFEST = treePath('Manifest.db');

/** A device folder as it is in a vault. */
export interface StoredFolder {
  /** As the phone had sent it. */
  readonly sent: ReadableTree;
  /** As it lies there: decrypted, if it is kept small. */
  readonly lying: ReadableTree;
}

export interface UnchangedOptions {
  /** Of the folder as it is now, if it is encrypted and they are known. */
  readonly keys: BackupKeys | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * FileIDs of the blobs that are taken to be as before, without a look at their content: those of the same size and date
 * of which the list of files says the same, byte for byte. The list itself is always read. Where neither list can be
 * opened, and they differ, nothing is known to be unchanged.
 *
 * An edit that changes neither size nor date nor the list of files is not seen. Source: restic's documentation, "Backing
 * up", "File change detection", which trusts as much.
 */
export async function unchangedFiles(
  tree: ReadableTree,
  before: StoredFolder,
  options: UnchangedOptions,
): Promise<FileIDSet> {
  const saysTheSame = await compareLists(tree, before, options);
  const unchanged = new FileIDSet();
  for await (const { path: folder, kind } of before.sent.list(ROOT)) {
    if (kind !== 'folder') continue;
    options.signal?.throwIfAborted();
    const now = new Map<TreePath, TreeEntry>();
    for await (const entry of tree.list(folder)) now.set(entry.path, entry);
    for await (const then of before.sent.list(folder)) {
      const name = nameOf(then.path);
      if (recordNameOf(then.path) === name && isSame(now.get(then.path), then) && saysTheSame(name))
        unchanged.add(name);
    }
  }
  return unchanged;
}

function isSame(now: TreeEntry | undefined, then: TreeEntry): boolean {
  return (
    now?.kind === 'file' &&
    then.kind === 'file' &&
    now.sizeBytes === then.sizeBytes &&
    now.modifiedAt.getTime() === then.modifiedAt.getTime()
  );
}

/** Of which files do both lists say the same? */
async function compareLists(
  tree: ReadableTree,
  { sent, lying }: StoredFolder,
  { keys, signal }: UnchangedOptions,
): Promise<(fileID: string) => boolean> {
  try {
    if (await isSameContent(tree, sent)) return () => true;
    const equal = await equalRows(lying, tree, { keys, ...(signal && { signal }) });
    return (fileID) => equal.has(fileID);
  } catch (error) {
    // What cannot be read cannot vouch for files. The check of the folder says what is wrong with it.
    if (!(error instanceof KnownError)) throw error;
    return () => false;
  }
}

async function equalRows(
  before: ReadableTree,
  after: ReadableTree,
  options: CopyOptions,
): Promise<FileIDSet> {
  const old = await openManifest(before, options);
  try {
    const young = await openManifest(after, options);
    try {
      return fileIDsOfEqualRows(old, young);
    } finally {
      await young.close();
    }
  } finally {
    await old.close();
  }
}

/** Byte for byte: then nobody needs to open them. */
async function isSameContent(tree: ReadableTree, sent: ReadableTree): Promise<boolean> {
  const [now, then] = [await tree.stat(MANIFEST), await sent.stat(MANIFEST)];
  if (now?.kind !== 'file' || now.sizeBytes !== then?.sizeBytes) return false;
  return (await hashNow(tree, MANIFEST)) === (await hashNow(sent, MANIFEST));
}
