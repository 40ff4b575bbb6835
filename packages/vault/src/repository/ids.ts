import { createHash } from 'node:crypto';

/** The name of a blob or a stored file: SHA-256 of its bytes, as 64 hexadecimal digits. */
export function idOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export const ID_BYTES = 32;

/** `data` is a piece of a file, `tree` a list of the entries of a folder. They never share a pack. */
export type BlobType = 'data' | 'tree';
