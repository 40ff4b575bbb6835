import { type BackupKeys, backupError, readManifestPlist, unlockBackup } from '@rootcellar/backup';
import type { ReadableTree, Secret } from '@rootcellar/core';
import type { BackupSource } from './backup-source.ts';

/**
 * Where the password of an encrypted backup comes from. Called only if there is one to be opened; `undefined` means
 * that nobody knows it.
 */
export type PasswordSource = () => Promise<Secret | undefined>;

/**
 * The keys of a backup. `undefined` if it is not encrypted, or if nobody knows the password.
 *
 * @throws `backup.password-wrong`, `backup.keybag-damaged`, `backup.keybag-missing`
 */
export async function keysOf(
  tree: ReadableTree,
  password: PasswordSource | undefined,
  signal?: AbortSignal,
): Promise<BackupKeys | undefined> {
  const secret = (await isEncrypted(tree)) ? await password?.() : undefined;
  return secret && unlockBackup(tree, secret, signal);
}

/** A backup whose Manifest.plist cannot be read is called plain here; verification says what is wrong with it. */
export async function isEncrypted(tree: ReadableTree): Promise<boolean> {
  try {
    return (await readManifestPlist(tree)).isEncrypted;
  } catch (error) {
    if (backupError.matches(error)) return false;
    throw error;
  }
}

/** A phone has one password at a time; its backups have that of their day. */
export const OTHER_PASSWORD =
  'Try again with the password that the iPhone had when this backup was made; it may have another one now. ' +
  'Without it nobody can open this backup: choose another.';

export async function passwordFor(
  { tree }: BackupSource,
  {
    password,
    askPassword,
  }: { readonly password?: Secret; readonly askPassword?: () => Promise<Secret | undefined> },
): Promise<Secret | undefined> {
  if (password !== undefined || askPassword === undefined) return password;
  return (await isEncrypted(tree)) ? askPassword() : undefined;
}
