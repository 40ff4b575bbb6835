import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { isErrno, Secret, treeErrorFor } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { writePrivateFile } from './private-file.ts';

/** Without letters that look alike on paper. Source: Douglas Crockford, "Base 32". */
export const KEY_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 160 bits, in groups that a person can copy from paper. */
export const KEY_CHARACTERS = 32;
const GROUP_CHARACTERS = 4;

const ENVIRONMENT_VARIABLE = 'ROOTCELLAR_VAULT_PASSWORD';

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

/**
 * The password of a vault: from the environment, else from the file beside it, which only its owner can read.
 *
 * @param file `undefined` if it is not known which: then only the environment has one
 * @throws `operation.vault-key-missing`, `operation.vault-key-unreadable`
 */
export async function readVaultKey(file: string | undefined): Promise<Secret> {
  const given = process.env[ENVIRONMENT_VARIABLE];
  if (given) return new Secret(given);
  const kept = file === undefined ? undefined : await keyInFile(file);
  if (kept === undefined) throw operationError('vault-key-missing');
  return kept;
}

/**
 * @returns `undefined` if there is none
 * @throws `operation.vault-key-unreadable` if there may be one: who took it for none would write another in its place
 */
export async function keyInFile(file: string): Promise<Secret | undefined> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '';
    throw operationError('vault-key-unreadable', {}, treeErrorFor(error));
  });
  const text = content.trim();
  return text === '' ? undefined : new Secret(text);
}

/** Where `readVaultKey` would take it from. */
export function keySource(file: string): 'environment' | 'file' | 'missing' {
  if (process.env[ENVIRONMENT_VARIABLE]) return 'environment';
  return existsSync(file) ? 'file' : 'missing';
}

/** Durable when it returns: without it nobody opens the vault. */
export function writeVaultKey(file: string, key: Secret): Promise<void> {
  return writePrivateFile(file, `${key.reveal()}\n`);
}

/**
 * Keeps a key at hand. Another one that was there is set aside: it may open what nobody remembers now.
 *
 * @throws `operation.vault-key-unreadable`; the file stays as it is
 */
export async function keepVaultKey(file: string, key: Secret): Promise<void> {
  const there = await keyInFile(file);
  if (there?.reveal() === key.reveal()) return;
  if (there !== undefined) await rename(file, `${file}.before-${Date.now()}`);
  await writeVaultKey(file, key);
}
