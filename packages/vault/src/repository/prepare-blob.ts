import { prepareHere } from '../chunks/blob.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { PrepareBlob } from './blob-writer.ts';

/** Prepares blobs in this thread, one after the other: for small things. */
export function prepareBlobWith(key: SealKey): PrepareBlob {
  return async (plain, type, options) => prepareHere({ key, plain, type, id: options?.id });
}
