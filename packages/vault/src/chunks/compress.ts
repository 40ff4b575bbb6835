import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { vaultError } from '../errors.ts';

/** As restic's default: more costs much time for little space. */
const LEVEL = 3;

/** What is taken from the middle of a chunk to guess whether compressing the rest is worth it. */
const PROBE_BYTES = 16 * 1024;
const PROBE_LEVEL = 1;

/** Up to here memory is made at once for all that may come out: of one byte more, so that the end is seen. */
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;

/** A probe that saves less than this is of photos, films, archives or encrypted bytes. */
const SAVED_FRACTION_MIN = 0.03;

/** Compresses with Zstandard, always. */
export function compress(plain: Uint8Array): Uint8Array<ArrayBuffer> {
  return zstd(plain, LEVEL);
}

/** Compresses, unless a look at the middle says that it is not worth it, or the result is no smaller. */
export function compressIfWorth(plain: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (!looksCompressible(plain)) return undefined;
  const compressed = compress(plain);
  return compressed.length < plain.length ? compressed : undefined;
}

/**
 * The reverse of `compress`.
 *
 * @param maxBytes what it may become; more is refused before it takes the memory
 * @throws `vault.compressed-damaged` if it is no whole Zstandard frame
 * @throws `vault.compressed-too-large` if it would become more than `maxBytes`
 */
export function decompress(compressed: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  try {
    const outputBytes = maxBytes <= OUTPUT_BYTES_MAX ? { chunkSize: Math.max(1024, maxBytes + 1) } : {};
    return zstdDecompressSync(compressed, { maxOutputLength: Math.max(1, maxBytes), ...outputBytes });
  } catch (error) {
    const isTooLarge =
      error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? vaultError('compressed-too-large', { maxBytes }, error)
      : vaultError('compressed-damaged', { compressedBytes: compressed.length }, error);
  }
}

function looksCompressible(plain: Uint8Array): boolean {
  if (plain.length <= 2 * PROBE_BYTES) return true;
  const start = Math.floor((plain.length - PROBE_BYTES) / 2);
  const probe = zstd(plain.subarray(start, start + PROBE_BYTES), PROBE_LEVEL);
  return probe.length <= PROBE_BYTES * (1 - SAVED_FRACTION_MIN);
}

function zstd(plain: Uint8Array, level: number): Uint8Array<ArrayBuffer> {
  return zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    pledgedSrcSize: plain.length,
    chunkSize: Math.max(1024, plain.length + 512),
  });
}
