export { compress, compressIfWorth, decompress } from './chunks/compress.ts';
export { openBytes, SEAL_BYTES, type SealKey, sealBytes } from './chunks/seal.ts';
export { vaultError } from './errors.ts';
