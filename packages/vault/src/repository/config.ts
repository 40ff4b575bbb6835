import { randomBytes } from 'node:crypto';
import { formatPolynomial, parsePolynomial } from '../chunks/polynomial.ts';
import { openBytes, type SealKey, sealBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import { isStoredID } from '../storage/storage.ts';
import { asCount, asObject, asText, parseJson } from './json-fields.ts';

/** What is fixed for ever when a vault is made. */
export interface Config {
  /** Random; names the vault wherever it is moved. 64 hexadecimal digits. */
  readonly id: string;
  /** By which files are cut into pieces; a secret, because the sizes of pieces say something about the content. */
  readonly polynomial: bigint;
}

/** The only version we write. Version 1 knows no compression. */
const VERSION = 2;

export function newConfig(polynomial: bigint): Config {
  return { id: randomBytes(32).toString('hex'), polynomial };
}

/** The file `config`: sealed, never compressed. Source: restic, `doc/design.rst`, Repository Format. */
export function encodeConfig(key: SealKey, { id, polynomial }: Config): Uint8Array {
  const document = { version: VERSION, id, chunker_polynomial: formatPolynomial(polynomial) };
  return sealBytes(key, Buffer.from(JSON.stringify(document)));
}

/** @throws `vault.config-damaged`, `vault.version-unknown` */
export function decodeConfig(key: SealKey, sealed: Uint8Array): Config {
  let plain: Uint8Array;
  try {
    plain = openBytes(key, sealed);
  } catch (error) {
    throw vaultError('config-damaged', { reason: 'seal' }, error);
  }
  const document = asObject(parseJson(plain));
  const version = asCount(document?.['version']);
  if (version !== undefined && version !== VERSION) throw vaultError('version-unknown', { version });
  const id = asText(document?.['id']);
  const polynomial = polynomialIn(asText(document?.['chunker_polynomial']));
  if (version === undefined || id === undefined || !isStoredID(id) || polynomial === undefined) {
    throw vaultError('config-damaged', { reason: 'fields' });
  }
  return { id, polynomial };
}

function polynomialIn(text: string | undefined): bigint | undefined {
  try {
    return parsePolynomial(text ?? '');
  } catch (error) {
    if (vaultError.matches(error)) return undefined;
    throw error;
  }
}
