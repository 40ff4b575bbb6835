import { randomBytes } from 'node:crypto';
import type { KnownError, Secret } from '@rootcellar/core';
import { newPolynomial } from '../chunks/polynomial.ts';
import type { SealKey } from '../chunks/seal.ts';
import { storageError, vaultError } from '../errors.ts';
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
 * A key file that an attempt before has left is used again if the password opens it: stock restic takes the first
 * that opens, and must not find another master key there.
 *
 * @throws `vault.there-already`, `vault.config-missing`, what the storage throws
 */
export async function createRepository(storage: Storage, options: CreateOptions): Promise<Repository> {
  const { password, signal } = options;
  if (await hasRepository(storage, { signal })) throw vaultError('there-already');
  const left = await firstKey(storage, password, { signal }).catch(unlessOfOneKeyFile);
  const { keyID, key } = left ?? (await newKey(storage, options));
  const config = newConfig(options.polynomial ?? newPolynomial(randomBytes));
  try {
    await storage.put('config', encodeConfig(key, config), { signal });
  } catch (error) {
    if (left === undefined && storageError.matches(error, 'exists'))
      await withdrawKey(storage, { keyID, key });
    throw error;
  }
  return hidingKey({ storage, key, keyID, config });
}

/**
 * Somebody else made a vault here in the same moment. Our key file opens with the same password and holds another master
 * key: whoever takes the first that opens, as stock restic does, would take the vault for damaged.
 */
async function withdrawKey(storage: Storage, { keyID, key }: FoundKey): Promise<void> {
  const config = await storage.get('config');
  try {
    decodeConfig(key, config); // Then it is ours after all.
  } catch {
    await storage.delete(`keys/${keyID}`);
  }
}

/** As details of errors: who knows the place names it. */
const UNNAMED = { place: 'this place' };

/** What a repository has as soon as anything is stored in it. A key file alone may be what an attempt has left. */
const CONTENT_FOLDERS = ['snapshots', 'index', 'data'] as const;

/** @throws `vault.config-missing` if there is a repository of which nobody can tell any more what it is */
export async function hasRepository(storage: Storage, call: CallOptions = {}): Promise<boolean> {
  if ((await storage.stat('config', call)) !== undefined) return true;
  for (const folder of CONTENT_FOLDERS) {
    for await (const _ of storage.list(folder, call)) throw vaultError('config-missing', UNNAMED);
  }
  return false;
}

/**
 * Opens a repository with any of its passwords.
 *
 * @throws `vault.not-there`, `vault.config-missing`, `vault.password-wrong`, `vault.keys-missing`, `vault.config-damaged`, `vault.version-unknown`,
 *   what a key file throws if no other one opens
 */
export async function openRepository(
  storage: Storage,
  { password, signal }: CallOptions & { readonly password: Secret },
): Promise<Repository> {
  if (!(await hasRepository(storage, { signal }))) throw vaultError('not-there', UNNAMED);
  const found = await firstKey(storage, password, { signal });
  if (found === undefined) throw await whyNoKey(storage, { signal });
  const config = decodeConfig(found.key, await storage.get('config', undefined, { signal }));
  return hidingKey({ storage, ...found, config });
}

async function whyNoKey(storage: Storage, call: CallOptions): Promise<KnownError> {
  for await (const _ of storage.list('keys', call)) return vaultError('password-wrong');
  return vaultError('keys-missing');
}

interface FoundKey {
  readonly keyID: string;
  readonly key: SealKey;
}

async function newKey(storage: Storage, options: CreateOptions): Promise<FoundKey> {
  const { password, work, now = new Date(), signal } = options;
  const key = newMasterKey();
  const keyFile = await makeKeyFile(key, password, { now, ...(work && { work }) });
  const keyID = idOf(keyFile);
  await storage.put(`keys/${keyID}`, keyFile, { signal });
  return { keyID, key };
}

/**
 * @returns the first key that the password opens; `undefined` if it opens none
 * @throws what is wrong with a key file, if it opens none
 */
async function firstKey(
  storage: Storage,
  password: Secret,
  call: CallOptions,
): Promise<FoundKey | undefined> {
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
      unlessOfOneKeyFile(error);
      damage = error;
    }
  }
  if (damage !== undefined) throw damage;
  return undefined;
}

/** One damaged key file does not keep the others from opening the vault. */
function unlessOfOneKeyFile(error: unknown): undefined {
  if (vaultError.matches(error, 'key-file-damaged') || vaultError.matches(error, 'key-file-too-costly'))
    return;
  throw error;
}

/** Keys do not show up when the object is printed or serialised. */
export function hidingKey(repository: Repository): Repository {
  return Object.defineProperty({ ...repository }, 'key', { value: repository.key, enumerable: false });
}
