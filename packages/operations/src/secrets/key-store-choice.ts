import { tmpdir } from 'node:os';
import { resolve, sep } from 'node:path';
import { operationError } from '../errors.ts';
import type { KeyStore } from './key-store.ts';
import { keychainOfMac } from './keychain-of-mac.ts';
import { secretService } from './secret-service.ts';

/** On which computer, and what its owner has said; tests bring their own. */
export interface SecretOptions {
  readonly keyStore?: KeyStore | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** `undefined` where we know of none. */
export function keyStoreOfThisComputer(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): KeyStore | undefined {
  if (platform === 'darwin') return keychainOfMac();
  return platform === 'win32' ? undefined : secretService(environment);
}

/** Where a new secret is to go. */
export interface PlaceForNew {
  /** `undefined`: a file. */
  readonly keyStore: KeyStore | undefined;
  /** Somebody has said so: then nothing else will do. */
  readonly isRequired: boolean;
}

const FILE: PlaceForNew = { keyStore: undefined, isRequired: false };

/**
 * Where new secrets go: as `ROOTCELLAR_KEY_STORE` says, `system` or `file`; by itself the key store of the operating system
 * if it is open, else a file.
 *
 * @param file where the secret would lie
 * @throws `operation.key-store-missing`, `operation.key-store-locked`, `operation.key-store-word-unknown`
 */
export async function placeForNew(file: string, options: SecretOptions = {}): Promise<PlaceForNew> {
  const { environment = process.env, keyStore = keyStoreOfThisComputer() } = options;
  const word = environment['ROOTCELLAR_KEY_STORE'] || 'automatic';
  switch (word) {
    case 'file':
      return FILE;
    case 'system':
      return { keyStore: await requireKeyStore(keyStore), isRequired: true };
    case 'automatic':
      if (keyStore === undefined || isTemporary(file) || (await keyStore.state()) !== 'open') return FILE;
      return { keyStore, isRequired: false };
    default:
      throw operationError('key-store-word-unknown');
  }
}

/** @throws `operation.key-store-missing`, `operation.key-store-locked` */
export async function requireKeyStore(keyStore = keyStoreOfThisComputer()): Promise<KeyStore> {
  const state = (await keyStore?.state()) ?? 'absent';
  if (keyStore === undefined || state === 'absent') throw operationError('key-store-missing');
  if (state === 'locked') throw operationError('key-store-locked');
  return keyStore;
}

/** Such a folder goes without a word, and what it left in the key store would stay for ever. */
function isTemporary(file: string): boolean {
  return resolve(file).startsWith(resolve(tmpdir()) + sep);
}
