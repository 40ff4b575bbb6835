import type { ByteRange } from '@rootcellar/core';
import { decrypt, decryptRange, type Ending, paddingOf } from '../content/decrypt.ts';
import type { OneBlob } from './blob-content.ts';
import { isSealed } from './structure.ts';

/** The content of a blob as it was on the device. */
export interface PlainContent {
  readonly sizeBytes: number;
  /** `valid` for what is not encrypted. */
  readonly ending: Ending;
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
}

const BLOCK_BYTES = 16;

/** `undefined` if it is encrypted and there are no keys. Reads its last block alone. */
export async function plainContentOf(blob: OneBlob): Promise<PlainContent | undefined> {
  const { tree, manifest, entry, sizeBytes, keys } = blob;
  const path = manifest.blobPath(entry.fileID);
  if (!isSealed(blob)) {
    return { sizeBytes, ending: 'valid', read: (range) => tree.read(path, range) };
  }
  if (keys === undefined || entry.encryptionKey === undefined) return undefined;
  const key = keys.openKey(entry.encryptionKey);
  const read = (range?: ByteRange) =>
    range ? decryptRange(key, { tree, path, storedBytes: sizeBytes, range }) : decrypt(key, tree.read(path));
  if (sizeBytes === 0 || sizeBytes % BLOCK_BYTES !== 0) {
    return { sizeBytes: sizeBytes - (sizeBytes % BLOCK_BYTES), ending: 'cut', read };
  }
  const lastTwo = tree.read(path, { start: Math.max(0, sizeBytes - 2 * BLOCK_BYTES), end: sizeBytes });
  const pieces = await Array.fromAsync(decrypt(key, lastTwo, { keepsPadding: true }));
  const padding = paddingOf(Buffer.concat(pieces).subarray(-BLOCK_BYTES));
  return { sizeBytes: sizeBytes - padding, ending: padding > 0 ? 'valid' : 'missing', read };
}
