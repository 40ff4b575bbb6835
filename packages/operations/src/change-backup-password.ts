import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import {
  areSameKeys,
  encodeReceivedHashes,
  manifestPlistWithPassword,
  packHash,
  type ReceivedHashes,
  unlockBackup,
} from '@rootcellar/backup';
import {
  folderTree,
  joinPath,
  nameOf,
  ROOT,
  type Secret,
  subTree,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { completeBackupFolder, openReceivedHashes } from './back-up-device/backup-folder.ts';
import { hashFileOf } from './back-up-device/folder-hashes.ts';
import { writeWhole } from './back-up-device/tree-work.ts';
import { findBackupFolder } from './backup-source.ts';
import { lockDevice } from './device-lock.ts';
import { operationError } from './errors.ts';
import { nothingChanged, runOperation } from './run-operation.ts';

const MANIFEST_PLIST = treePath('Manifest.plist');

export interface ChangeBackupPasswordOptions {
  /** A backup folder, or one that holds exactly one. */
  readonly what: string;
  readonly dataFolder: string;
  readonly oldPassword: Secret;
  readonly newPassword: Secret;
  readonly signal?: AbortSignal;
}

/**
 * Gives an encrypted backup folder another password. No phone is needed, and no file but Manifest.plist changes: the
 * keys stay, only what wraps them is made anew. The old file stays until the new one, read back from the disk, has
 * opened with the new password. The password of the phone, and with it of its next backups, stays what it is.
 *
 * @returns the folder
 * @throws `backup.password-wrong`, `backup.not-encrypted`, `backup.keybag-damaged`, `operation.password-empty`,
 *   `operation.device-busy`, `operation.folder-*`, `tree.*` as `OperationFailure`; nothing was changed then
 */
export function changeBackupPassword(
  options: ChangeBackupPasswordOptions,
): Promise<{ readonly folder: string }> {
  return runOperation(() => change(options), nothingChanged, options.signal);
}

async function change(options: ChangeBackupPasswordOptions): Promise<{ readonly folder: string }> {
  const { what, dataFolder, oldPassword, newPassword, signal } = options;
  if (newPassword.reveal() === '') throw operationError('password-empty');
  const folder = findBackupFolder(what);
  const name = basename(folder);
  const unlock = await lockDevice({ dataFolder, udid: name, operation: 'change-password' });
  try {
    const home = folderTree(dirname(folder));
    await completeBackupFolder(home, name);
    const tree = subTree(home, joinPath(ROOT, name));
    const keys = await unlockBackup(tree, oldPassword, signal);
    const plist = await manifestPlistWithPassword(tree, keys, newPassword, signal);
    const drafts = subTree(home, joinPath(ROOT, `.rootcellar-${name}-password`));
    try {
      await writeWhole(drafts, MANIFEST_PLIST, [plist]);
      const newKeys = await unlockBackup(drafts, newPassword, signal);
      if (!areSameKeys(keys, newKeys)) throw operationError('password-not-changed');
      await putInPlace(home, name, plist);
    } finally {
      await home.remove(joinPath(ROOT, `.rootcellar-${name}-password`));
    }
    return { folder };
  } finally {
    await unlock();
  }
}

/**
 * While Manifest.plist changes there is no hash of it, so that whoever comes after a crash finds either of them good.
 */
async function putInPlace(home: WritableTree, name: string, plist: Uint8Array): Promise<void> {
  const tree = subTree(home, joinPath(ROOT, name));
  const received = await openReceivedHashes(home, name, tree);
  const writeHashes = async (hashes: ReceivedHashes) =>
    writeWhole(home, hashFileOf(name), encodeReceivedHashes(hashes, name));
  if (received) await writeHashes(new Map([...received].filter(([file]) => file !== nameOf(MANIFEST_PLIST))));
  await home.move(
    joinPath(ROOT, `.rootcellar-${name}-password`, MANIFEST_PLIST),
    joinPath(ROOT, name, MANIFEST_PLIST),
  );
  await home.flush();
  const hash = packHash(createHash('sha256').update(plist).digest());
  if (received) await writeHashes(new Map([...received, [nameOf(MANIFEST_PLIST), hash]]));
}
