import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Secret } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { writePrivateFile } from './private-file.ts';

/** Without letters that look alike on paper. Source: Douglas Crockford, "Base 32". */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 160 bits, in groups that a person can copy from paper. */
const KEY_CHARACTERS = 32;
const GROUP_CHARACTERS = 4;

const ENVIRONMENT_VARIABLE = 'ROOTCELLAR_VAULT_PASSWORD';

/** A new password for a vault, as it stands on the recovery kit. */
export function newVaultKey(): Secret {
  const letters = [...randomBytes(KEY_CHARACTERS)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return new Secret(letters.match(new RegExp(`.{${GROUP_CHARACTERS}}`, 'g'))?.join('-') ?? letters);
}

/**
 * The password of a vault: from the environment, else from the file beside it, which only its owner can read.
 *
 * @throws `operation.vault-key-missing`
 */
export async function readVaultKey(file: string): Promise<Secret> {
  const given = process.env[ENVIRONMENT_VARIABLE];
  if (given) return new Secret(given);
  try {
    return new Secret((await readFile(file, 'utf8')).trim());
  } catch (error) {
    throw operationError('vault-key-missing', {}, error);
  }
}

/** Durable when it returns: without it nobody opens the vault. */
export function writeVaultKey(file: string, key: Secret): Promise<void> {
  return writePrivateFile(file, `${key.reveal()}\n`);
}
