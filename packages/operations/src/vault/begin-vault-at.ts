import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { treeErrorFor } from '@rootcellar/core';
import { type Repository, type Storage, storageError, vaultError } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { beginVault, isBeginning } from './begin-vault.ts';
import { forgetVault } from './remembered-vault.ts';
import { openWithTypedKey } from './typed-key.ts';
import { keySource, readVaultKey, vaultKeyName } from './vault-key.ts';
import type { VaultLocation } from './vault-location.ts';

/** What a location was found to be. */
interface Place {
  readonly location: VaultLocation;
  readonly storage: Storage;
  readonly hasVault: boolean;
}

interface Whose {
  readonly dataFolder: string;
  readonly udid: string;
  /** The one of before is gone for good. */
  readonly anew?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a vault where its owner wants it, or takes the one that a run has made that died before it wrote down where it lies.
 *
 * @throws `vault.there-already`, `storage.not-a-vault`, as `beginVault`
 */
export async function beginVaultAt(place: Place, whose: Whose): Promise<Repository> {
  if (place.hasVault) return goOn(place.storage, whose);
  await requireRoom(place.location);
  const { dataFolder, udid, anew, signal } = whose;
  if (anew) await forgetVault(dataFolder, udid);
  return beginVault(place.storage, vaultKeyName(dataFolder, udid), { signal });
}

/** It is empty, and its key is that of the phone. @throws `vault.there-already` if it is another */
async function goOn(storage: Storage, { dataFolder, udid, signal }: Whose): Promise<Repository> {
  const name = vaultKeyName(dataFolder, udid);
  // One password from the environment may open the vaults of several phones.
  const isOfPhone = isBeginning(name) || keySource(name) !== 'environment';
  const records = isOfPhone ? await Array.fromAsync(storage.list('snapshots', { signal })) : [];
  if (!isOfPhone || records.length > 0) throw vaultError('there-already');
  try {
    const { repository } = await openWithTypedKey(storage, { password: await readVaultKey(name), signal });
    return repository;
  } catch (error) {
    const isOther =
      operationError.matches(error, 'vault-key-missing') || vaultError.matches(error, 'password-wrong');
    throw isOther ? vaultError('there-already', {}, error) : error;
  }
}

/** A folder with other things in it was not meant. A run before may have left keys. @throws `storage.not-a-vault` */
async function requireRoom(location: VaultLocation): Promise<void> {
  if (location.kind !== 'folder' || !existsSync(location.folder)) return;
  const names = await readdir(location.folder).catch((error: unknown) => {
    throw treeErrorFor(error);
  });
  if (!names.every((name) => ['keys', 'lost+found'].includes(name))) throw storageError('not-a-vault');
}
