import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { placeForNew } from '../secrets/key-store-choice.ts';
import { placeOfSecret } from '../secrets/secret-store.ts';
import { locationOfVault, vaultsFolder } from './phone-vault.ts';
import { vaultKeyName } from './vault-key.ts';
import type { Kept } from './vault-target.ts';

/**
 * How encrypted backups are kept unless their owner chooses. While the key of a vault lies on the vault's own disk, whoever
 * takes the disk has both: then the backup password stays the second lock. With the key elsewhere, in the key store of
 * the operating system, or in nobody's file, what is small is as safe. A key store that opens with an empty password (automatic
 * sign-in) protects nothing, and cannot be told from another: the guide says so.
 *
 * @param udid of the phone whose vault is meant; if absent, of one that is yet to be made
 */
export async function usualKept(dataFolder: string, udid?: string): Promise<Kept> {
  if (process.env['ROOTCELLAR_VAULT_PASSWORD']) return 'small';
  const location = udid === undefined ? undefined : await locationOfVault(dataFolder, udid);
  if (location !== undefined && location.kind !== 'folder') return 'small';
  const name = vaultKeyName(dataFolder, udid ?? 'new');
  const place = placeOfSecret(name) ?? ((await placeForNew(name.file)).keyStore ? 'system' : 'file');
  if (place === 'system') return 'small';
  const vault = location?.folder ?? vaultsFolder(dataFolder);
  const [one, other] = await Promise.all([diskOf(vault), diskOf(dirname(name.file))]);
  return one === other ? 'sealed' : 'small';
}

/** Of the folder, or the nearest one above it that is there. */
async function diskOf(folder: string): Promise<number> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined) return found.dev;
  const above = dirname(folder);
  return folder === above ? 0 : diskOf(above);
}
