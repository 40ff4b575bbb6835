import type { ByteRange, ReadOptions as PieceOptions, ReadableTree, Secret } from '@rootcellar/core';
import { decrypt, decryptRange, type Ending } from './content/decrypt.ts';
import { backupError } from './errors.ts';
import { type ManifestPlist, readManifestPlist } from './folder/manifest-plist.ts';
import { type BackupKeys, unlockKeybag } from './keybag/backup-keys.ts';
import { parseKeybag } from './keybag/keybag.ts';
import { type Manifest, openManifest } from './manifest/manifest.ts';
import type { CopyOptions } from './manifest/manifest-copy.ts';
import type { ManifestEntry } from './manifest/manifest-entry.ts';

/** A backup whose files can be read as they were on the device. */
export interface Backup {
  /** The folder of the device. */
  readonly tree: ReadableTree;
  readonly plist: ManifestPlist;
  readonly manifest: Manifest;
  readonly keys: BackupKeys | undefined;
  /**
   * The content of a file as it was on the device, in pieces. The length may differ from `entry.sizeBytes`:
   * databases are compacted for a backup, files change while they are sent.
   *
   * @throws `backup.file-locked` without keys, `backup.file-key-damaged`, `tree.not-found`, what the tree throws
   */
  read(entry: ManifestEntry, options?: ReadOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface ReadOptions extends PieceOptions {
  /** Bytes of the content as it was on the device. Only the blocks that it needs are read. */
  readonly range?: ByteRange;
  /** How an encrypted file ended; called after its last piece, if it was read to the end without a range. */
  readonly onEnd?: (ending: Ending) => void;
}

/**
 * Unlocks an encrypted backup. Costs seconds, on another thread.
 *
 * @param tree its root is the folder of one device
 * @throws `backup.not-encrypted`, `backup.keybag-missing`, `backup.keybag-damaged`, `backup.password-wrong`,
 *   `backup.plist-*`, the reason of `signal`
 */
export async function unlockBackup(
  tree: ReadableTree,
  password: Secret,
  signal?: AbortSignal,
): Promise<BackupKeys> {
  const { isEncrypted, backupKeyBag } = await readManifestPlist(tree);
  if (!isEncrypted) throw backupError('not-encrypted');
  if (backupKeyBag === undefined) throw backupError('keybag-missing');
  return unlockKeybag(parseKeybag(backupKeyBag), password, signal);
}

/**
 * Opens a backup made by anyone, for reading.
 *
 * @param tree its root is the folder of one device
 * @param options.keys of an encrypted one, see `unlockBackup`
 * @throws what `openManifest` throws, `backup.plist-*`
 */
export async function openBackup(tree: ReadableTree, options: CopyOptions = {}): Promise<Backup> {
  const plist = await readManifestPlist(tree);
  const manifest = await openManifest(tree, options);
  const { keys } = options;
  return {
    tree,
    plist,
    manifest,
    keys,
    read: (entry, readOptions = {}) => readEntry({ tree, plist, manifest, keys, entry, ...readOptions }),
    close: () => manifest.close(),
  };
}

interface EntryRead extends ReadOptions, Pick<Backup, 'tree' | 'plist' | 'keys' | 'manifest'> {
  readonly entry: ManifestEntry;
}

async function* readEntry(read: EntryRead): AsyncGenerator<Uint8Array> {
  const { tree, entry, range, lent = false, onEnd } = read;
  const path = read.manifest.blobPath(entry.fileID);
  const key = fileKeyOf(read);
  if (key === undefined) yield* tree.read(path, range, { lent });
  else if (range === undefined)
    yield* decrypt(key, tree.read(path, undefined, { lent: true }), { lent, onEnd });
  else {
    const stored = await tree.stat(path);
    if (stored === undefined)
      yield* tree.read(path); // Throws what the tree throws.
    else yield* decryptRange(key, { tree, path, storedBytes: stored.sizeBytes, range });
  }
}

/** A file without a key is plain even in an encrypted backup. */
function fileKeyOf({ plist, keys, entry }: EntryRead): Uint8Array | undefined {
  if (!plist.isEncrypted || entry.encryptionKey === undefined) return undefined;
  if (keys === undefined) throw backupError('file-locked');
  return keys.openKey(entry.encryptionKey);
}
