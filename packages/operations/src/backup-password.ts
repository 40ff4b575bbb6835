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
  const { isEncrypted } = await readManifestPlist(tree).catch((error: unknown) => {
    if (backupError.matches(error)) return { isEncrypted: false };
    throw error;
  });
  const secret = isEncrypted ? await password?.() : undefined;
  return secret && unlockBackup(tree, secret, signal);
}

/** A phone has one password at a time; its backups have that of their day. */
export const OTHER_PASSWORD =
  'Try again with the password that the iPhone had when this backup was made; it may have another one now. ' +
  'Without it nobody can open this backup: choose another.';

/** A backup whose manifest cannot be read asks for nothing: the plan says what is wrong with it. */
export async function passwordFor(
  { tree }: BackupSource,
  {
    password,
    askPassword,
  }: { readonly password?: Secret; readonly askPassword?: () => Promise<Secret | undefined> },
): Promise<Secret | undefined> {
  if (password !== undefined || askPassword === undefined) return password;
  const manifest = await readManifestPlist(tree).catch(() => undefined);
  return manifest?.isEncrypted === true ? askPassword() : undefined;
}
