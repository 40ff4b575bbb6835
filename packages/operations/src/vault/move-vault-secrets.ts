import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { requireKeyStore } from '../secrets/key-store-choice.ts';
import { moveSecret, placeOfSecret, type SecretPlace } from '../secrets/secret-store.ts';
import { chooseVault, type VaultOptions } from './maintain-vault.ts';
import { signInName } from './storage-sign-in.ts';
import { vaultKeyName } from './vault-key.ts';

export interface MovedSecrets {
  readonly udid: string;
  readonly place: SecretPlace;
  /** The key, and what signs in where the vault lies, if it was saved: how many of them lay elsewhere. */
  readonly moved: number;
}

/**
 * Moves what opens a vault into the key store of the operating system, or out of it into files that only their owner can
 * read. It leaves the one place when it was read back from the other.
 *
 * @throws `operation.vault-unknown`, `operation.vault-key-missing`, `operation.key-store-*` as `OperationFailure`
 */
export function moveVaultSecrets(
  options: VaultOptions & { readonly to: SecretPlace },
): Promise<MovedSecrets> {
  const { dataFolder, vault, to, signal } = options;
  return runOperation(
    async () => {
      const udid = await chooseVault(dataFolder, vault);
      const unlock = await lockDevice({ dataFolder, udid, operation: 'vault' });
      try {
        const key = vaultKeyName(dataFolder, udid);
        if (placeOfSecret(key) === undefined) throw operationError('vault-key-missing');
        if (to === 'system') await requireKeyStore();
        const moves = [await moveSecret(key, to), await moveSecret(signInName({ dataFolder, udid }), to)];
        return { udid, place: to, moved: moves.filter(Boolean).length };
      } finally {
        await unlock();
      }
    },
    nothingChanged,
    signal,
  );
}
