import type { Secret } from '@rootcellar/core';
import {
  addKey,
  listKeys,
  openRepository,
  type Repository,
  removeKey,
  type VaultKey,
  vaultError,
} from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { keepSecret, replaceSecret, type SecretName, type SecretPlace } from '../secrets/secret-store.ts';
import { type VaultOptions, withVault } from './maintain-vault.ts';
import { isSameKey, openWithTypedKey } from './typed-key.ts';
import { keptKey, readVaultKey, vaultKeyName } from './vault-key.ts';

/** A key that was made or changed, by the id of its key file. */
export interface ChangedKey {
  readonly udid: string;
  readonly id: string;
  /** The key at hand was replaced as well, so that all goes on working. */
  readonly isAtHand: boolean;
  /** Where that one lies now. */
  readonly place?: SecretPlace | undefined;
}

/** The keys that open a vault: each is one password. */
export function listVaultKeys(
  options: VaultOptions,
): Promise<{ readonly udid: string; readonly keys: readonly VaultKey[] }> {
  return withVault(options, async (repository, udid) => ({
    udid,
    keys: await listKeys(repository, { signal: options.signal }),
  }));
}

/** One more password. @throws `operation.password-empty` as `OperationFailure` */
export async function addVaultKey(
  options: VaultOptions & { readonly newKey: () => Promise<Secret> },
): Promise<ChangedKey> {
  // Whoever is asked may take their time: nobody waits for the vault meanwhile.
  const given = await options.newKey();
  return withVault(options, async (repository, udid) => {
    const password = requireSome(given);
    const id = await addKey(repository, { password, signal: options.signal });
    return { udid, id, isAtHand: false };
  });
}

export interface ChangeKeyOptions extends VaultOptions {
  readonly newKey: () => Promise<Secret>;
  /** Nobody has seen the new key: it is kept on this computer also if the old one was not. */
  readonly isUnseen?: boolean | undefined;
}

/**
 * Another password in the place of the one that opens the vault now. The new one is at hand, and was seen to open the
 * vault, before the old one goes. It is kept where new keys go, wherever the old one was.
 *
 * @throws `operation.password-empty` as `OperationFailure`
 */
export async function changeVaultKey(options: ChangeKeyOptions): Promise<ChangedKey> {
  const { dataFolder, isUnseen = false, signal } = options;
  const given = await options.newKey();
  return withVault(options, async (repository, udid) => {
    const name = vaultKeyName(dataFolder, udid);
    const old = await readVaultKey(name);
    const password = requireSome(given);
    const kept = await keptKey(name);
    const isAtHand = kept !== undefined && isSameKey(kept, old);
    const id = await addKey(repository, { password, signal });
    const place = await keepChanged(name, password, { isAtHand, isUnseen });
    const changed = await openRepository(repository.storage, { password, signal });
    await removeKey(changed, repository.keyID, { signal });
    return { udid, id, isAtHand, place };
  });
}

/** One that opened nothing here is set aside, and not replaced. */
async function keepChanged(
  name: SecretName,
  password: Secret,
  { isAtHand, isUnseen }: { readonly isAtHand: boolean; readonly isUnseen: boolean },
): Promise<SecretPlace | undefined> {
  if (isAtHand) return keepSecret(name, password);
  return isUnseen ? replaceSecret(name, password) : undefined;
}

/**
 * Takes a password away. Neither the one that opens the vault now nor the one at hand goes, so one always stays.
 *
 * @param options.id the key's id, or its beginning
 * @throws `vault.key-unknown`, `vault.key-in-use`, `operation.key-not-confirmed` as `OperationFailure`
 */
export function removeVaultKey(
  options: VaultOptions & { readonly id: string; readonly confirmed: (id: string) => Promise<boolean> },
): Promise<{ readonly udid: string; readonly id: string }> {
  const { dataFolder, signal } = options;
  return withVault(options, async (repository, udid) => {
    const keys = await listKeys(repository, { signal });
    const [key, ...others] = keys.filter(({ id }) => id.startsWith(options.id.toLowerCase()));
    if (key === undefined || others.length > 0) throw vaultError('key-unknown');
    if (key.isCurrent || key.id === (await idOfKeyAtHand(repository, vaultKeyName(dataFolder, udid))))
      throw vaultError('key-in-use');
    if (!(await options.confirmed(key.id))) throw operationError('key-not-confirmed');
    await removeKey(repository, key.id, { signal });
    return { udid, id: key.id };
  });
}

/** It may be another one than that of the environment. */
async function idOfKeyAtHand({ storage }: Repository, name: SecretName): Promise<string | undefined> {
  const password = await keptKey(name);
  if (password === undefined) return undefined;
  return openWithTypedKey(storage, { password }).then(
    ({ repository: { keyID } }) => keyID,
    (error: unknown) => {
      if (!vaultError.matches(error, 'password-wrong')) throw error;
      return undefined;
    },
  );
}

function requireSome(password: Secret): Secret {
  if (password.reveal().trim() === '') throw operationError('password-empty');
  return password;
}
