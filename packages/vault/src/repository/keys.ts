import type { Secret } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import { idOf } from './ids.ts';
import { makeKeyFile, parseKeyFile, type ScryptWork } from './key-file.ts';
import { hidingKey, type Repository } from './repository.ts';

/** One password of a vault: when and where it was added. */
export interface VaultKey {
  readonly id: string;
  readonly createdAt: Date | undefined;
  readonly hostname: string;
  readonly username: string;
  /** The vault was opened with it. */
  readonly isCurrent: boolean;
}

export interface AddKeyOptions extends CallOptions {
  readonly password: Secret;
  readonly work?: ScryptWork;
  readonly now?: Date;
}

/** Key files that are damaged are passed over. */
export async function listKeys(repository: Repository, options?: CallOptions): Promise<readonly VaultKey[]> {
  const keys: VaultKey[] = [];
  for await (const { id } of repository.storage.list('keys', options)) {
    try {
      const file = parseKeyFile(await repository.storage.get(`keys/${id}`, undefined, options));
      const { createdAt, hostname, username } = file;
      keys.push({ id, createdAt, hostname, username, isCurrent: id === repository.keyID });
    } catch (error) {
      if (!vaultError.matches(error)) throw error;
    }
  }
  return keys;
}

/** Adds a password. @returns the id of its key file */
export async function addKey(repository: Repository, options: AddKeyOptions): Promise<string> {
  const { password, work, now = new Date(), signal } = options;
  const file = await makeKeyFile(repository.key, password, { now, ...(work && { work }) });
  const id = idOf(file);
  await repository.storage.put(`keys/${id}`, file, { signal });
  return id;
}

/**
 * Takes a password away. Whoever knew it may have kept the master key, which stays the same.
 *
 * @throws `vault.key-in-use` for the key that the vault was opened with, so that one always stays
 * @throws `vault.key-unknown`
 */
export async function removeKey(repository: Repository, id: string, options?: CallOptions): Promise<void> {
  if (id === repository.keyID) throw vaultError('key-in-use');
  const isThere = (await listIDs(repository, options)).includes(id);
  if (!isThere) throw vaultError('key-unknown');
  await repository.storage.delete(`keys/${id}`, options);
}

/**
 * Replaces the password that the vault was opened with. The new one is there before the old one goes.
 *
 * @returns the vault as the new password opens it
 */
export async function changePassword(repository: Repository, options: AddKeyOptions): Promise<Repository> {
  const keyID = await addKey(repository, options);
  await repository.storage.delete(`keys/${repository.keyID}`, { signal: options.signal });
  return hidingKey({ ...repository, key: repository.key, keyID });
}

async function listIDs(repository: Repository, options?: CallOptions): Promise<readonly string[]> {
  return (await Array.fromAsync(repository.storage.list('keys', options))).map(({ id }) => id);
}
