import { compress, compressIfWorth } from '../chunks/compress.ts';
import { type SealKey, sealBytes } from '../chunks/seal.ts';
import type { PrepareBlob } from './blob-writer.ts';
import { idOf } from './ids.ts';

/** Prepares blobs in this thread, one after the other: for small things. */
export function prepareBlobWith(key: SealKey): PrepareBlob {
  return async (plain, type) => {
    const compressed = type === 'tree' ? compress(plain) : compressIfWorth(plain);
    return {
      id: idOf(plain),
      type,
      sealed: sealBytes(key, compressed ?? plain),
      uncompressedLength: compressed && plain.length,
    };
  };
}
