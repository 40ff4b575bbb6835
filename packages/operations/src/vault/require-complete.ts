import { parseReceivedHashes } from '@rootcellar/backup';
import { joinPath, nameOf, ROOT, saysDamage, subTree } from '@rootcellar/core';
import { deleteSnapshot, openSnapshot, type Snapshot } from '@rootcellar/vault';
import { hashNow } from '../back-up-device/folder-hashes.ts';
import { everything } from '../back-up-device/tree-work.ts';
import { operationError } from '../errors.ts';
import type { CipherRecords } from './cipher-table.ts';
import { encryptedTree } from './cipher-trees.ts';
import type { PhoneVault } from './phone-vault.ts';
import type { VaultPlaces } from './vault-places.ts';

/**
 * Everything that arrived must be in the snapshot, before what is left of it goes. After an interruption the content
 * is compared too: it was put together from several runs. And when it was sent again what the vault had already, since there
 * is no base, or not the newest: that was not stored anew, and may be damaged.
 */
export async function requireComplete(
  { udid, contents }: PhoneVault,
  { home, received }: VaultPlaces,
  {
    snapshot,
    records,
    withContent,
  }: { readonly snapshot: Snapshot; readonly records: CipherRecords; readonly withContent: boolean },
): Promise<void> {
  const missing = await parseReceivedHashes(home.read(received));
  const notWhole = async (findings: number) => {
    await deleteSnapshot(contents.repository, snapshot.id);
    return operationError('backup-not-whole', { findings });
  };
  if (missing === undefined) throw await notWhole(1);
  const lying = subTree(openSnapshot(contents, snapshot), joinPath(ROOT, udid));
  const device = records.size > 0 ? encryptedTree(lying, records) : lying;
  try {
    for await (const { path, kind } of everything(device)) {
      const name = nameOf(path);
      const expected = missing.get(name);
      if (kind === 'folder' || expected === undefined) continue;
      if (!withContent || (await hashNow(device, path)) === expected) missing.delete(name);
    }
  } catch (error) {
    // The vault believed to have what it could not read.
    if (!saysDamage(error)) throw error;
    await deleteSnapshot(contents.repository, snapshot.id);
    throw operationError('stored-part-damaged', {}, error);
  }
  if (missing.size > 0) throw await notWhole(missing.size);
}
