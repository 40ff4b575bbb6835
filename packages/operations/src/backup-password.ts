import { type BackupKeys, backupError, readManifestPlist, unlockBackup } from '@rootcellar/backup';
import type { ReadableTree, Secret } from '@rootcellar/core';

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
