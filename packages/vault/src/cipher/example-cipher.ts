import { createCipheriv } from 'node:crypto';
import { Secret, seededRandom } from '@rootcellar/core';
import type { CipherRecord } from './cipher-record.ts';
import { type CipherVerdict, decryptProvably } from './decrypt-provably.ts';

/* Encrypted files for tests. */

export const random = seededRandom('cipher');
export const KEY = new Secret(random.bytes(32));

/** As a phone does, or without the padding. */
export function encrypt(content: Uint8Array, isPadded = true): Buffer {
  const cipher = createCipheriv('aes-256-cbc', KEY.reveal(), new Uint8Array(16)).setAutoPadding(isPadded);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}

export async function* inPieces(
  bytes: Uint8Array,
  pieceBytes: () => number = () => 100_000,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + pieceBytes();
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Decrypts, and says what became known. */
export async function decrypted(
  encrypted: Uint8Array,
  options: Partial<Parameters<typeof decryptProvably>[0]> = {},
): Promise<{ readonly content: Uint8Array; readonly verdict: CipherVerdict | undefined }> {
  let verdict: CipherVerdict | undefined;
  const onEnd = (end: CipherVerdict): void => {
    if (verdict !== undefined) throw new Error('It ended twice.');
    verdict = end;
  };
  const source = inPieces(encrypted);
  const pieces = await Array.fromAsync(decryptProvably({ key: KEY, source, onEnd, ...options }));
  return { content: Buffer.concat(pieces), verdict };
}

/** The record of a file that can be encrypted again. */
export function recordOf(verdict: CipherVerdict | undefined, file = 'a'): CipherRecord {
  if (verdict?.kind !== 'equal') throw new Error('It cannot be encrypted again.');
  return { file, ...verdict.record };
}
