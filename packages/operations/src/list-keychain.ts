import {
  backupError,
  fileIDOf,
  KEYCHAIN_FILE,
  type KeychainItem,
  NO_KEYCHAIN_KEYS,
  readKeychain,
} from '@rootcellar/backup';
import { type BrowseOptions, readBackup } from './browse-backup.ts';

export interface KeychainListing {
  readonly folder: string;
  readonly encrypted: boolean;
  readonly items: readonly KeychainItem[];
}

/**
 * The saved passwords, keys and certificates of a backup. Without encryption, or for items that are bound to the
 * device, only that they exist.
 *
 * @throws as `readBackup`; `backup.keychain-missing`, `backup.keychain-damaged` as `OperationFailure`
 */
export function listKeychain(options: BrowseOptions): Promise<KeychainListing> {
  return readBackup(options, async ({ folder, backup }) => {
    const entry = backup.manifest.entry(fileIDOf(KEYCHAIN_FILE.domain, KEYCHAIN_FILE.relativePath));
    if (entry === undefined) throw backupError('keychain-missing');
    const bytes = Buffer.concat(await Array.fromAsync(backup.read(entry)));
    const items = [...readKeychain(bytes, backup.keys ?? NO_KEYCHAIN_KEYS)];
    return { folder, encrypted: backup.plist.isEncrypted, items };
  });
}
