import { createDecipheriv, createSecretKey } from 'node:crypto';
import type { ByteRange, Secret } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import {
  BLOCK_BYTES,
  type CipherRecord,
  markCount,
  markSpacing,
  paddingBytes,
  wholeBytes,
} from './cipher-record.ts';
import { NO_BLOCK } from './whole-blocks.ts';

/**
 * The record of an encrypted file, for which only its last two blocks and the marks are read.
 *
 * That is enough, because decrypting and encrypting in CBC mode cancel out block by block, whatever the key and the
 * content are: a block of content is D(c) ⊕ p, where p is the encrypted block before, and encrypting it gives
 * E(D(c) ⊕ p ⊕ p) = c. So whole blocks always come back, what follows them is kept as it is, and the end alone decides
 * what is content: padding that is taken away is put back only if it was exactly that which encrypting adds.
 *
 * The proof is about ciphers, not about processors, memory and keys that were copied wrongly: whoever stores the content
 * reads it with `provenContent`, which encrypts it again and compares.
 *
 * @param options.read a part of the encrypted file
 * @throws `vault.file-changed` if there is less to read than `storedBytes`
 */
export async function recordFromEnd(options: {
  readonly key: Secret<Uint8Array>;
  readonly storedBytes: number;
  readonly read: (range: Required<ByteRange>) => AsyncIterable<Uint8Array>;
}): Promise<Omit<CipherRecord, 'file'>> {
  const { key, storedBytes, read } = options;
  const whole = wholeBytes(storedBytes);
  const part = (start: number, end: number) => bytesOf(read({ start, end }), end - start);
  const end = await part(Math.max(0, whole - 2 * BLOCK_BYTES), storedBytes);
  const rest = end.subarray(end.length - (storedBytes - whole));
  const padding = whole === 0 ? 0 : paddingBytes(lastBlock(key, end.subarray(0, end.length - rest.length)));
  const marks: Uint8Array[] = [];
  for (let number = 1; number <= markCount(storedBytes); number += 1) {
    const at = number * markSpacing(storedBytes);
    marks.push(await part(at - BLOCK_BYTES, at));
  }
  return {
    key,
    contentBytes: whole - padding,
    isPadded: padding > 0,
    rest: new Uint8Array(rest),
    marks: Buffer.concat(marks),
  };
}

/** @param blocks the last two, or the only one */
function lastBlock(key: Secret<Uint8Array>, blocks: Uint8Array): Uint8Array {
  const before = blocks.length > BLOCK_BYTES ? blocks.subarray(0, BLOCK_BYTES) : NO_BLOCK;
  const decipher = createDecipheriv('aes-256-cbc', createSecretKey(key.reveal()), before);
  return decipher.setAutoPadding(false).update(blocks.subarray(-BLOCK_BYTES));
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>, expectedBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.concat(await Array.fromAsync(pieces));
  if (bytes.length === expectedBytes) return bytes;
  throw vaultError('file-changed', { expectedBytes, receivedBytes: bytes.length });
}
