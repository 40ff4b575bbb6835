import { randomBytes } from 'node:crypto';
import type { Secret } from '@rootcellar/core';
import { newPolynomial } from '../chunks/polynomial.ts';
import type { SealKey } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { CallOptions, Storage } from '../storage/storage.ts';
import { type Config, decodeConfig, encodeConfig, newConfig } from './config.ts';
import { idOf } from './ids.ts';
import { makeKeyFile, newMasterKey, openKeyFile, parseKeyFile, type ScryptWork } from './key-file.ts';

/** A restic repository, open: whoever holds it can read and write everything in it. */
export interface Repository {
  readonly storage: Storage;
  /** The master key. Never printed: it is not part of what inspection shows. */
  readonly key: SealKey;
  /** Of the key file whose password opened it. */
  readonly keyID: string;
  readonly config: Config;
}

export interface CreateOptions extends CallOptions {
  readonly password: Secret;
  /** Of the vault that this one is to be a copy of, so that pieces of files are the same. Default: a new one. */
  readonly polynomial?: bigint;
  readonly work?: ScryptWork;
  readonly now?: Date;
}

/** Wrong passwords are tried on so many key files; stock restic tries as many. */
const KEY_FILES_MAX = 20;

/**
 * Makes an empty repository of format version 2. The key file comes first: a `config` without one could never be
 * opened, a key file without `config` is nothing yet.
 *
 * @throws `vault.there-already`, what the storage throws
 */
export async function createRepository(storage: Storage, options: CreateOptions): Promise<Repository> {
  const { password, work, now = new Date() } = options;
  const call = { signal: options.signal };
  if ((await storage.stat('config', call)) !== undefined) throw vaultError('there-already');
  const key = newMasterKey();
  const config = newConfig(options.polynomial ?? newPolynomial(randomBytes));
  const keyFile = await makeKeyFile(key, password, { now, ...(work && { work }) });
  const keyID = idOf(keyFile);
  await storage.put(`keys/${keyID}`, keyFile, call);
  await storage.put('config', encodeConfig(key, config), call);
  return hidingKey({ storage, key, keyID, config });
}

/**
 * Opens a repository with any of its passwords.
 *
 * @throws `vault.not-there`, `vault.password-wrong`, `vault.config-damaged`, `vault.version-unknown`,
 *   what a key file throws if no other one opens
 */
export async function openRepository(
  storage: Storage,
  { password, signal }: CallOptions & { readonly password: Secret },
): Promise<Repository> {
  if ((await storage.stat('config', { signal })) === undefined) throw vaultError('not-there');
  const { keyID, key } = await unlock(storage, password, { signal });
  const config = decodeConfig(key, await storage.get('config', undefined, { signal }));
  return hidingKey({ storage, key, keyID, config });
}

async function unlock(
  storage: Storage,
  password: Secret,
  call: CallOptions,
): Promise<{ readonly keyID: string; readonly key: SealKey }> {
  let tried = 0;
  let damage: unknown;
  for await (const { id } of storage.list('keys', call)) {
    if (++tried > KEY_FILES_MAX) break;
    try {
      const bytes = await storage.get(`keys/${id}`, undefined, call);
      if (idOf(bytes) !== id) throw vaultError('key-file-damaged', { reason: 'digest' });
      const key = await openKeyFile(parseKeyFile(bytes), password);
      if (key !== undefined) return { keyID: id, key };
    } catch (error) {
      if (!isOfOneKeyFile(error)) throw error;
      damage = error;
    }
  }
  throw damage ?? vaultError('password-wrong');
}

/** One damaged key file does not keep the others from opening the vault. */
function isOfOneKeyFile(error: unknown): boolean {
  return vaultError.matches(error, 'key-file-damaged') || vaultError.matches(error, 'key-file-too-costly');
}

/** Keys do not show up when the object is printed or serialised. */
export function hidingKey(repository: Repository): Repository {
  return Object.defineProperty({ ...repository }, 'key', { value: repository.key, enumerable: false });
}
