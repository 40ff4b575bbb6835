import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyFileOf, vaultFolder } from './phone-vault.ts';
import type { Kept } from './vault-target.ts';

/**
 * How encrypted backups are kept unless their owner chooses. While the key of a vault lies on the vault's own disk, whoever
 * takes the disk has both: then the backup password stays the second lock. With the key elsewhere, or in nobody's file, what
 * is small is as safe.
 */
export async function usualKept(dataFolder: string): Promise<Kept> {
  if (process.env['ROOTCELLAR_VAULT_PASSWORD']) return 'small';
  const [vaults, keys] = [vaultFolder(dataFolder, 'x'), keyFileOf(dataFolder, 'x')].map(diskOf);
  return (await vaults) === (await keys) ? 'sealed' : 'small';
}

/** Of the nearest folder that is there. */
async function diskOf(path: string): Promise<number> {
  const folder = dirname(path);
  const found = await stat(folder).catch(() => undefined);
  return found?.dev ?? (folder === path ? 0 : diskOf(folder));
}
