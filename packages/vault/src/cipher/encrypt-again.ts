import { createCipheriv, createSecretKey } from 'node:crypto';
import { type ByteRange, freeBytes } from '@rootcellar/core';
import { vaultError } from '../errors.ts';
import {
  BLOCK_BYTES,
  type CipherRecord,
  markSpacing,
  paddingOf,
  storedBytesOf,
  wholeBytes,
} from './cipher-record.ts';
import { CIPHER_PIECE_BYTES, NO_BLOCK } from './whole-blocks.ts';

/** Reads a part of the content that is not encrypted. Pieces may be lent. */
export type ReadContent = (range: Required<ByteRange>) => AsyncIterable<Uint8Array>;

export interface EncryptAgainOptions {
  /** How long the content is that there is. */
  readonly contentBytes: number;
  readonly readContent: ReadContent;
  /** Of the encrypted file; all of it, if not given. */
  readonly range?: ByteRange | undefined;
  /** The encrypted bytes are lent: see `ReadOptions`. */
  readonly lent?: boolean | undefined;
}

/**
 * Makes the encrypted bytes again. A part needs the content from the mark before it: 8 MiB more than the part, at
 * most, in files up to 32 GiB. Past the end there is nothing.
 *
 * @throws `vault.cipher-content-differs` if the content is not as long as that of the record
 * @throws `vault.cipher-content-short` if less of it can be read
 */
export async function* encryptAgain(
  record: CipherRecord,
  { contentBytes, readContent, range, lent = false }: EncryptAgainOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (contentBytes !== record.contentBytes)
    throw vaultError('cipher-content-differs', { contentBytes, expectedBytes: record.contentBytes });
  const storedBytes = storedBytesOf(record);
  const from = Math.max(0, range?.start ?? 0);
  const to = Math.min(range?.end ?? storedBytes, storedBytes);
  if (from >= to) return;
  const whole = wholeBytes(storedBytes);
  if (from < whole) {
    const first = Math.floor(from / markSpacing(storedBytes)) * markSpacing(storedBytes);
    const stop = Math.min(whole, Math.ceil(to / BLOCK_BYTES) * BLOCK_BYTES);
    let at = first;
    for await (const blocks of encrypted(record, { first, stop, readContent })) {
      const part = blocks.subarray(Math.max(0, from - at), Math.max(0, to - at));
      at += blocks.length;
      if (part.length > 0) yield part;
      if (lent) freeBytes(blocks);
    }
  }
  if (to > whole) yield record.rest.subarray(Math.max(0, from - whole), to - whole);
}

/** Whole blocks, from a mark or the beginning on. */
interface Stretch {
  readonly first: number;
  readonly stop: number;
  readonly readContent: ReadContent;
}

async function* encrypted(record: CipherRecord, stretch: Stretch): AsyncGenerator<Uint8Array> {
  const mark = (stretch.first / markSpacing(storedBytesOf(record)) - 1) * BLOCK_BYTES;
  const before = mark < 0 ? NO_BLOCK : record.marks.subarray(mark, mark + BLOCK_BYTES);
  const key = createSecretKey(record.key.reveal());
  const cipher = createCipheriv('aes-256-cbc', key, before).setAutoPadding(false);
  for await (const piece of padded(record, stretch)) {
    for (let at = 0; at < piece.length; at += CIPHER_PIECE_BYTES)
      yield cipher.update(piece.subarray(at, at + CIPHER_PIECE_BYTES));
  }
}

/** Content, then the padding, which never begins before a mark. */
async function* padded(
  record: CipherRecord,
  { first, stop, readContent }: Stretch,
): AsyncGenerator<Uint8Array> {
  const end = Math.min(stop, record.contentBytes);
  let missingBytes = Math.max(0, end - first);
  if (missingBytes > 0) {
    for await (const piece of readContent({ start: first, end })) {
      yield piece.subarray(0, missingBytes);
      missingBytes -= Math.min(missingBytes, piece.length);
    }
  }
  if (missingBytes > 0) throw vaultError('cipher-content-short', { missingBytes });
  if (stop > record.contentBytes) yield paddingOf(record);
}
