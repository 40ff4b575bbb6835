import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * 64 MiB and a quarter of a second for each guess.
 * Source: OWASP Password Storage Cheat Sheet, scrypt: N=2^16, r=8, p=2 or costlier.
 */
const COST = { N: 2 ** 16, r: 8, p: 2, maxmem: 128 * 1024 * 1024 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Guesses weighed at once: memory has an end. */
const AT_ONCE_MAX = 2;

const stretch = promisify<string, Uint8Array, number, typeof COST, Buffer>(scrypt);

let running = 0;
const waiting: (() => void)[] = [];

/** `scrypt$SALT$HASH`, both Base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await inTurn(() => stretch(prepare(password), salt, HASH_BYTES, COST));
  return `scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/**
 * Takes as long for a person who does not exist (`stored` undefined) as for one who does.
 */
export async function isPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const [, salt = '', hash = ''] = /^scrypt\$([^$]+)\$([^$]+)$/.exec(stored ?? '') ?? [];
  const wanted = Buffer.from(hash, 'base64');
  const given = await inTurn(() => stretch(prepare(password), Buffer.from(salt, 'base64'), HASH_BYTES, COST));
  return wanted.length === HASH_BYTES && timingSafeEqual(given, wanted);
}

/** The same accent typed on two keyboards. Source: RFC 8265, OpaqueString. */
function prepare(password: string): string {
  return password.normalize('NFC');
}

async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  if (running >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
