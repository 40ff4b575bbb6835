import { blobId } from '../chunks/blob.ts';

/** The name of a stored file, as of a blob: SHA-256 of its bytes, 64 hexadecimal digits. */
export const idOf = blobId;

export const ID_BYTES = 32;
