import type { Secret } from '@rootcellar/core';

/*
 * An encrypted file, stored as its content: AES-256-CBC over all of it, the first block chained to zeros. From the
 * content and its record the same encrypted bytes are made again.
 */

/** AES. */
export const BLOCK_BYTES = 16;
export const KEY_BYTES = 32;

/** What it takes to encrypt content again, bit for bit. */
export interface CipherRecord {
  /** The name of the file among the others: up to 255 visible ASCII characters. */
  readonly file: string;
  /** 32 bytes. */
  readonly key: Secret<Uint8Array>;
  /** Of the content, not encrypted. */
  readonly contentBytes: number;
  /** Was PKCS#7 padding added to the content? If not, the content is all that was decrypted. */
  readonly isPadded: boolean;
  /** Up to 15 bytes at the end that are no whole block, as they are: somebody cut the file. */
  readonly rest: Uint8Array;
  /** An encrypted block before each multiple of `markSpacing`: encryption can begin there. */
  readonly marks: Uint8Array;
}

/** How long the encrypted file is. */
export function storedBytesOf(record: Pick<CipherRecord, 'contentBytes' | 'isPadded' | 'rest'>): number {
  return record.contentBytes + paddingOf(record).length + record.rest.length;
}

const MARK_SPACING_BYTES = 8 * 1024 * 1024;

/** So many blocks take 64 KiB. Up to 32 GiB no mark is left out. */
export const MARKS_MAX = 4096;

/** Bytes between two marks: 8 MiB, or twice as much, and so on, until there are no more than 4096. */
export function markSpacing(storedBytes: number): number {
  let spacing = MARK_SPACING_BYTES;
  while (marksBefore(storedBytes, spacing) > MARKS_MAX) spacing *= 2;
  return spacing;
}

/** How many marks a file has: there is none at its beginning, nor at its end. */
export function markCount(storedBytes: number): number {
  return marksBefore(storedBytes, markSpacing(storedBytes));
}

function marksBefore(storedBytes: number, spacing: number): number {
  return Math.max(0, Math.floor((wholeBytes(storedBytes) - 1) / spacing));
}

/** Bytes of whole blocks. */
export function wholeBytes(bytes: number): number {
  return bytes - (bytes % BLOCK_BYTES);
}

/** What is added to content before it is encrypted. Source: RFC 5652, §6.3 (PKCS#7). */
export function paddingOf(record: Pick<CipherRecord, 'contentBytes' | 'isPadded'>): Uint8Array {
  const count = record.isPadded ? BLOCK_BYTES - (record.contentBytes % BLOCK_BYTES) : 0;
  return new Uint8Array(count).fill(count);
}

/** How many of the last bytes are padding; 0 if they are something else. */
export function paddingBytes(plain: Uint8Array): number {
  const count = plain.at(-1) ?? 0;
  if (count < 1 || count > BLOCK_BYTES || count > plain.length) return 0;
  return plain.subarray(-count).every((byte) => byte === count) ? count : 0;
}
