import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, type Secret, treeErrorFor } from '@rootcellar/core';
import { type CallOptions, createRepository, type Repository, type Storage } from '@rootcellar/vault';
import { placeForNew, type SecretOptions } from '../secrets/key-store-choice.ts';
import { fileOfNote } from '../secrets/secret-note.ts';
import { keepSecret, placeOfSecret, type SecretName } from '../secrets/secret-store.ts';
import { removePrivateFile, writePrivateFile } from './private-file.ts';
import { isVaultRemembered, rememberVault } from './remembered-vault.ts';
import { KEYS_FOLDER, keptKey, keySource, newVaultKey, readVaultKey, vaultKeyName } from './vault-key.ts';

/*
 * A key that is kept says that there is a vault, also when nobody finds it now: it was moved, or its disk is away. But a
 * key is durable before its vault is made. Meanwhile there is a mark: nothing was stored yet with the key of that name. It
 * goes when it stands written where the vault lies, or as soon as the vault is opened.
 */

const markOf = ({ file }: SecretName): string => `${file}.beginning`;

/**
 * Makes a vault, and its key if there is none. What an interrupted run has left is as good as nothing. Whoever begins it
 * writes down where it lies, and then ends it: `settleVault`.
 *
 * @throws as `createRepository`, `keyFor`
 */
export async function beginVault(
  storage: Storage,
  name: SecretName,
  { signal }: CallOptions = {},
): Promise<Repository> {
  // A key of before stands for the vault of before until the new one is there.
  if (placeOfSecret(name) === undefined) {
    if (keySource(name) === 'missing') await placeForNew(name.file); // If there is none, nothing is left behind.
    await writePrivateFile(markOf(name), '');
  }
  return createRepository(storage, { password: await keyFor(name), signal });
}

/** Has a run begun a vault, and not ended it? */
export const isBeginning = (name: SecretName): boolean => existsSync(markOf(name));

/**
 * A vault is there, and is missed from now on when it is not. Durable when it returns.
 *
 * @param vault.here the id of its repository, if it lies in the data folder; where it lies otherwise is written down first
 */
export async function settleVault(
  dataFolder: string,
  udid: string,
  { here }: { readonly here: string | undefined },
): Promise<void> {
  if (here !== undefined) await rememberVault(dataFolder, udid, here);
  const name = vaultKeyName(dataFolder, udid);
  if (isBeginning(name)) await removePrivateFile(markOf(name));
}

/** Is a vault remembered that was in the data folder, or a key kept of one that was made? */
export function wasBegun(dataFolder: string, udid: string): boolean {
  const name = vaultKeyName(dataFolder, udid);
  return isVaultRemembered(dataFolder, udid) || (placeOfSecret(name) !== undefined && !isBeginning(name));
}

/** Names of keys that are kept; other files beside them may be among them. */
export async function keptKeyNames(dataFolder: string): Promise<readonly string[]> {
  const names = await readdir(join(dataFolder, KEYS_FOLDER)).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw treeErrorFor(error);
  });
  return names.map(fileOfNote);
}

/** One that an interrupted creation has left is as good as new; one that is out of reach is not replaced. */
export async function keyFor(name: SecretName, options: SecretOptions = {}): Promise<Secret> {
  if (keySource(name, options) === 'environment') return readVaultKey(name, options);
  const kept = await keptKey(name, options);
  if (kept !== undefined) return kept;
  const key = newVaultKey();
  await keepSecret(name, key, options);
  return key;
}
