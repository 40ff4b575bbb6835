import { storageError, takeLock } from '@rootcellar/vault';
import type { PhoneVault } from './phone-vault.ts';

/**
 * Does `work` while nobody prunes the vault: neither we nor stock restic may move or delete what it reads. A vault
 * that cannot be written, from here or because its disk is full, is read without that.
 *
 * @throws `vault.locked` if somebody is pruning it now, what `work` throws
 */
export async function holdVault<Value>(
  { contents }: PhoneVault,
  work: () => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const lock = await takeLock(contents.repository, { signal }).catch((error: unknown) => {
    if (storageError.matches(error, 'not-permitted') || storageError.matches(error, 'full')) return undefined;
    throw error;
  });
  try {
    // What was read without a lock may have been moved since.
    if (lock) await contents.refresh({ signal });
    return await work();
  } finally {
    await lock?.release();
  }
}
