import { availableParallelism, hostname, userInfo } from 'node:os';
import { openBlobPool, type SaveOptions, type Snapshot, saveSnapshot } from '@rootcellar/vault';
import type { PhoneVault } from './phone-vault.ts';
import type { Kept } from './vault-target.ts';

/** This thread reads, decrypts and cuts. Each other one takes some 100 MB. */
const OTHER_CORES = Math.min(4, Math.max(1, availableParallelism() - 1));

export interface SaveDeviceOptions extends Omit<SaveOptions, 'paths' | 'hostname' | 'username' | 'prepare'> {
  readonly kept: Kept;
}

/** The tags of a backup of a phone that is whole. */
export const tagsOf = (udid: string, kept: Kept): readonly string[] => [`device:${udid}`, `kept:${kept}`];

/**
 * Saves a backup into the vault of its phone; what is new in it is hashed, compressed and sealed on all cores.
 *
 * @param options.tags beside those that tell the phone and how it is kept
 */
export async function saveDeviceSnapshot(
  { udid, contents }: PhoneVault,
  { kept, tags = [], ...options }: SaveDeviceOptions,
): Promise<Snapshot> {
  const pool = openBlobPool({ key: contents.repository.key, threads: OTHER_CORES });
  try {
    return await saveSnapshot(contents, {
      ...options,
      paths: [`/${udid}`],
      hostname: hostname(),
      username: userInfo().username,
      tags: [...tagsOf(udid, kept), ...tags],
      prepare: pool.prepareBlob,
    });
  } finally {
    await pool.close();
  }
}
