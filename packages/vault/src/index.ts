export { type BlobType, blobId, type PreparedBlob } from './chunks/blob.ts';
export { type BlobPool, openBlobPool, type PrepareOptions } from './chunks/blob-pool.ts';
export { compress, compressIfWorth, decompress } from './chunks/compress.ts';
export { type Cut, type CutOptions, cutContent } from './chunks/cut-content.ts';
export { cutFor, START_BYTES } from './chunks/cut-for.ts';
export { formatPolynomial, newPolynomial, parsePolynomial } from './chunks/polynomial.ts';
export { openBytes, SEAL_BYTES, type SealKey, sealBytes } from './chunks/seal.ts';
export { vaultError } from './errors.ts';
