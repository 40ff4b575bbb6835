import { createDecipheriv, createSecretKey } from 'node:crypto';
import { type ByteRange, freeBytes, partOf, type ReadableTree, type TreePath } from '@rootcellar/core';

/**
 * How the encrypted content of a file ended.
 *
 * - `valid`: with the padding that encryption adds
 * - `missing`: without: the file changed while it was backed up, or its end was lost or altered
 * - `cut`: in the middle of a block: its end was lost
 */
export type Ending = 'valid' | 'missing' | 'cut';

/** AES. */
const BLOCK_BYTES = 16;

/**
 * Decrypts a file of a backup: AES-256-CBC over all of it, first block chained to zeros, PKCS#7 padding. Never
 * gives less than there is: what does not end in padding is given whole, to the last whole block.
 *
 * Source: backup-format §5.5, §5.6.
 *
 * @param encrypted may be lent
 */
export async function* decrypt(
  key: Uint8Array,
  encrypted: AsyncIterable<Uint8Array>,
  { keepsPadding = false, lent = false, onEnd }: DecryptOptions = {},
): AsyncGenerator<Uint8Array> {
  // Not the bytes: with them, making a decipher takes as long as decrypting 20 kB.
  const secret = createSecretKey(key);
  const decipher = createDecipheriv('aes-256-cbc', secret, Buffer.alloc(BLOCK_BYTES)).setAutoPadding(false);
  let held: Uint8Array = Buffer.alloc(0);
  let bytes = 0;
  for await (const piece of encrypted) {
    bytes += piece.length;
    const plain = decipher.update(piece);
    if (plain.length === 0) continue;
    if (held.length > 0) yield held;
    if (lent) freeBytes(held);
    held = plain;
  }
  const isWhole = bytes % BLOCK_BYTES === 0;
  const padding = isWhole && !keepsPadding ? paddingOf(held) : 0;
  if (held.length > padding) yield held.subarray(0, held.length - padding);
  onEnd?.(isWhole ? (padding > 0 ? 'valid' : 'missing') : 'cut');
}

export interface DecryptOptions {
  /** Give the padding as if it were content, because something else tells where the content ends. */
  readonly keepsPadding?: boolean;
  /** Pieces are good until the next is asked for, see `ReadOptions`. */
  readonly lent?: boolean;
  /** Called once, after the last piece. */
  readonly onEnd?: ((ending: Ending) => void) | undefined;
}

/**
 * Decrypts a part of a file, reading just the blocks that it needs. Past the end there is nothing.
 *
 * @param path of a file with `storedBytes` bytes
 */
export async function* decryptRange(
  key: Uint8Array,
  { tree, path, storedBytes, range }: EncryptedPart,
): AsyncGenerator<Uint8Array> {
  const firstBlock = Math.floor(range.start / BLOCK_BYTES);
  const endByte = range.end ?? Number.POSITIVE_INFINITY;
  if (range.start >= storedBytes || endByte <= range.start) return;
  const chainStart = Math.max(0, (firstBlock - 1) * BLOCK_BYTES);
  // One block more: whether a block is the last one decides whether it has padding.
  const readEnd = Math.min(storedBytes, Math.ceil(endByte / BLOCK_BYTES) * BLOCK_BYTES + BLOCK_BYTES);
  const encrypted = tree.read(path, { start: chainStart, end: readEnd });
  // Begun in the middle, the first block is garbage, and just not asked for.
  const plain = decrypt(key, encrypted, { keepsPadding: readEnd < storedBytes });
  yield* partOf(plain, { start: range.start - chainStart, end: endByte - chainStart });
}

export interface EncryptedPart {
  readonly tree: ReadableTree;
  readonly path: TreePath;
  readonly storedBytes: number;
  readonly range: ByteRange;
}

/** Bytes of padding at the end of the content; 0 if that is no padding. */
export function paddingOf(plain: Uint8Array): number {
  const count = plain.at(-1) ?? 0;
  if (count < 1 || count > BLOCK_BYTES || plain.length < count) return 0;
  return plain.subarray(-count).every((byte) => byte === count) ? count : 0;
}
