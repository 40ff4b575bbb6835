import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import type { SecretOptions } from '../secrets/key-store-choice.ts';
import {
  placeOfSecret,
  readSecret,
  replaceSecret,
  type SecretName,
  type SecretPlace,
} from '../secrets/secret-store.ts';

/** Without letters that look alike on paper. Source: Douglas Crockford, "Base 32". */
export const KEY_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 160 bits, in groups that a person can copy from paper. */
export const KEY_CHARACTERS = 32;
const GROUP_CHARACTERS = 4;

const ENVIRONMENT_VARIABLE = 'ROOTCELLAR_VAULT_PASSWORD';

export const KEYS_FOLDER = 'keys';

/** The password of the vault of a phone. */
export function vaultKeyName(dataFolder: string, udid: string): SecretName {
  return { file: join(dataFolder, KEYS_FOLDER, udid), label: `Rootcellar: key of the vault of ${udid}` };
}

/** A new password for a vault, as it stands on the recovery kit. */
export function newVaultKey(): Secret {
  const letters = [...randomBytes(KEY_CHARACTERS)]
    .map((byte) => KEY_LETTERS[byte % KEY_LETTERS.length])
    .join('');
  return new Secret(inGroups(letters));
}

/** "ABCD-EFGH-…" */
export function inGroups(letters: string): string {
  return letters.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, 'g'))?.join('-') ?? letters;
}

/** Given for this run alone: it is kept nowhere. */
function givenKey({ environment = process.env }: SecretOptions): Secret | undefined {
  const given = environment[ENVIRONMENT_VARIABLE];
  return given ? new Secret(given) : undefined;
}

/**
 * The password of a vault: from the environment, else the one that is kept.
 *
 * @param name `undefined` if it is not known which: then only the environment has one
 * @throws `operation.vault-key-missing`, `operation.vault-key-unreadable`, `operation.key-store-*`
 */
export async function readVaultKey(
  name: SecretName | undefined,
  options: SecretOptions = {},
): Promise<Secret> {
  const key = givenKey(options) ?? (name && (await keptKey(name, options)));
  if (key === undefined) throw operationError('vault-key-missing');
  return key;
}

/**
 * @returns `undefined` if there is none
 * @throws `operation.vault-key-unreadable`, `operation.key-store-*` if there may be one: who took it for none would write
 *   another in its place
 */
export async function keptKey(name: SecretName, options: SecretOptions = {}): Promise<Secret | undefined> {
  const secret = await readSecret(name, options).catch((error: unknown) => {
    if (operationError.matches(error)) throw error;
    throw operationError('vault-key-unreadable', {}, error);
  });
  const text = secret?.reveal().trim() ?? '';
  return text === '' ? undefined : new Secret(text);
}

/** Where `readVaultKey` would take it from. */
export function keySource(
  name: SecretName,
  options: SecretOptions = {},
): 'environment' | SecretPlace | 'missing' {
  return givenKey(options) ? 'environment' : (placeOfSecret(name) ?? 'missing');
}

/**
 * Keeps a key at hand. Another one that was there is set aside.
 *
 * @throws `operation.vault-key-unreadable`, as `replaceSecret`; what was there stays as it is
 */
export async function keepVaultKey(
  name: SecretName,
  key: Secret,
  options: SecretOptions = {},
): Promise<void> {
  const there = await keptKey(name, options).catch(unlessInKeyStore);
  if (there?.reveal() === key.reveal()) return;
  await replaceSecret(name, key, options);
}

/** It is not at hand now, and may never be again. The note of it is set aside; the key store stays as it is. */
function unlessInKeyStore(error: unknown): undefined {
  if (!isOutOfReach(error)) throw error;
  return undefined;
}

const OUT_OF_REACH = [
  'key-store-locked',
  'key-store-lost',
  'key-store-out-of-reach',
  'key-store-note-damaged',
  'key-store-failed',
] as const;

/** Is there a key that the key store does not give? */
export function isOutOfReach(error: unknown): boolean {
  return OUT_OF_REACH.some((name) => operationError.matches(error, name));
}
