import { createDecipheriv, createHash } from 'node:crypto';
import type { Secret } from '@rootcellar/core';
import { backupError } from '../errors.ts';

/*
 * Encrypted backups of iOS 10.0 have a plain Manifest.db in which each record is encrypted by itself, with a key made
 * from the password and a salt. Both lie in the table `Properties`, the password as a check value.
 *
 * Source: backup-format §3.6; two open-source readers agree on the key. Unknown: no backup of a device was seen.
 */

const KEY_BYTES = 16;
const IV = Uint8Array.from({ length: 16 }, (_, index) => index);

/**
 * Decrypts what iOS 10.0 wrote into the column `file`.
 *
 * @param text base64
 * @param salt `Properties.salt`
 * @returns the keyed archive that other versions have there, for `parseFileRecord`
 * @throws `backup.manifest-damaged`; a wrong password gives this or bytes that are no archive
 */
export function decodeIos100Record(text: string, password: Secret<Uint8Array>, salt: Uint8Array): Uint8Array {
  const key = hashOf('sha1', password, salt).subarray(0, KEY_BYTES);
  const decipher = createDecipheriv('aes-128-cbc', key, IV);
  try {
    return Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]);
  } catch (error) {
    throw backupError('manifest-damaged', { reason: 'record of iOS 10.0' }, error);
  }
}

function hashOf(algorithm: string, password: Secret<Uint8Array>, salt: Uint8Array): Buffer {
  return createHash(algorithm).update(password.reveal()).update(salt).digest();
}
