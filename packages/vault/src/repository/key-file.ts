import { randomBytes, scrypt } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Secret } from '@rootcellar/core';
import { openBytes, type SealKey, sealBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import { asBase64, asCount, asObject, asText, parseJson } from './json-fields.ts';

/** What a key file says without its password. */
export interface KeyFile {
  readonly createdAt: Date | undefined;
  readonly hostname: string;
  readonly username: string;
  readonly work: ScryptWork;
  readonly salt: Uint8Array;
  /** The master key, sealed with the key that the password gives. */
  readonly sealedKey: Uint8Array;
}

/** Parameters of scrypt. It needs 128 · N · r bytes of memory. */
export interface ScryptWork {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What stock restic chooses on slow machines; a tenth of a second and 32 MiB. */
export const SCRYPT_WORK_MIN: ScryptWork = { N: 32_768, r: 8, p: 1 };

/** A file that asks for more was not made to be opened. Stock restic stays under 256 MiB and a second. */
const SCRYPT_BYTES_MAX = 512 * 1024 * 1024;
const SCRYPT_PARALLEL_MAX = 16;

const SALT_BYTES = 64;
const KEY_FILE_BYTES_MAX = 64 * 1024;

/**
 * Makes a key file: one password that opens the vault.
 *
 * Source: restic, `doc/design.rst`, Keys, Encryption and MAC.
 */
export async function makeKeyFile(
  masterKey: SealKey,
  password: Secret,
  { now, work = SCRYPT_WORK_MIN }: { readonly now: Date; readonly work?: ScryptWork },
): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const passwordKey = await deriveKey(password, salt, work);
  const sealedKey = sealBytes(passwordKey, Buffer.from(JSON.stringify(masterKeyToJson(masterKey))));
  const document = {
    created: now.toISOString(),
    username: userInfo().username,
    hostname: hostname(),
    kdf: 'scrypt',
    ...work,
    salt: salt.toString('base64'),
    data: Buffer.from(sealedKey).toString('base64'),
  };
  return Buffer.from(JSON.stringify(document));
}

/** @throws `vault.key-file-damaged`, `vault.key-file-too-costly` */
export function parseKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.length > KEY_FILE_BYTES_MAX) throw vaultError('key-file-damaged', { reason: 'too large' });
  const document = asObject(parseJson(bytes));
  if (document === undefined) throw vaultError('key-file-damaged', { reason: 'no JSON object' });
  if (document['kdf'] !== 'scrypt') throw vaultError('key-file-damaged', { reason: 'unknown derivation' });
  const salt = asBase64(document['salt']);
  const sealedKey = asBase64(document['data']);
  if (salt === undefined || sealedKey === undefined)
    throw vaultError('key-file-damaged', { reason: 'fields' });
  const created = new Date(asText(document['created']) ?? Number.NaN);
  return {
    createdAt: Number.isNaN(created.getTime()) ? undefined : created,
    hostname: asText(document['hostname']) ?? '',
    username: asText(document['username']) ?? '',
    work: parseWork(document['N'], document['r'], document['p']),
    salt,
    sealedKey,
  };
}

/** @returns the master key, or `undefined` if it is not the password of this file */
export async function openKeyFile(file: KeyFile, password: Secret): Promise<SealKey | undefined> {
  const passwordKey = await deriveKey(password, file.salt, file.work);
  let plain: Uint8Array;
  try {
    plain = openBytes(passwordKey, file.sealedKey);
  } catch (error) {
    if (vaultError.matches(error, 'sealed-damaged')) return undefined;
    throw error;
  }
  const document = asObject(parseJson(plain));
  const mac = asObject(document?.['mac']);
  const encrypt = asBase64(document?.['encrypt'], 32);
  const macK = asBase64(mac?.['k'], 16);
  const macR = asBase64(mac?.['r'], 16);
  if (encrypt && macK && macR) return { encrypt, macK, macR };
  throw vaultError('key-file-damaged', { reason: 'master key' });
}

export function newMasterKey(): SealKey {
  return { encrypt: randomBytes(32), macK: randomBytes(16), macR: clamped(randomBytes(16)) };
}

/** Poly1305 ignores these bits of `r`; restic refuses to open a key that has them set. Source: Bernstein 2005, §2. */
function clamped(r: Uint8Array): Uint8Array {
  return r.map((byte, at) => (at % 4 === 3 ? byte & 15 : at % 4 === 0 && at > 0 ? byte & 252 : byte));
}

function masterKeyToJson({ encrypt, macK, macR }: SealKey): unknown {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { mac: { k: base64(macK), r: base64(macR) }, encrypt: base64(encrypt) };
}

function parseWork(N: unknown, r: unknown, p: unknown): ScryptWork {
  const work = { N: asCount(N) ?? 0, r: asCount(r) ?? 0, p: asCount(p) ?? 0 };
  const isPowerOfTwo = work.N > 1 && Number.isInteger(Math.log2(work.N));
  if (!isPowerOfTwo || work.r < 1 || work.p < 1)
    throw vaultError('key-file-damaged', { reason: 'parameters' });
  if (128 * work.N * work.r > SCRYPT_BYTES_MAX || work.p > SCRYPT_PARALLEL_MAX) {
    throw vaultError('key-file-too-costly');
  }
  return work;
}

const scryptAsync = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

async function deriveKey(password: Secret, salt: Uint8Array, work: ScryptWork): Promise<SealKey> {
  const maxmem = 2 * SCRYPT_BYTES_MAX;
  const bytes = await scryptAsync(password.reveal(), salt, 64, { ...work, maxmem });
  return { encrypt: bytes.subarray(0, 32), macK: bytes.subarray(32, 48), macR: bytes.subarray(48) };
}
