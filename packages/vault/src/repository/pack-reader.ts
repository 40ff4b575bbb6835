import { SEAL_BYTES } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import {
  decodePackHeader,
  HEADER_BYTES_MAX,
  type PackedBlob,
  packBytes,
  TRAILER_BYTES,
} from './pack-header.ts';
import type { RecordPlace } from './unpacked.ts';

/** What is fetched at first: the list of more than 1,500 blobs. */
const TAIL_BYTES = 64 * 1024;

/**
 * Reads the list at the end of a pack, which says what is in it.
 *
 * @param sizeBytes of the pack, as the storage lists it
 * @throws `vault.pack-damaged`, `vault.sealed-damaged`, what the storage throws
 */
export async function readPackHeader(
  { storage, key }: RecordPlace,
  { id, sizeBytes }: { readonly id: string; readonly sizeBytes: number },
  options?: CallOptions,
): Promise<readonly PackedBlob[]> {
  const fetch = (bytes: number) =>
    storage.get(`data/${id}`, { start: Math.max(0, sizeBytes - bytes), end: sizeBytes }, options);
  let tail = await fetch(TAIL_BYTES);
  const neededBytes = headerLength(tail, sizeBytes) + TRAILER_BYTES;
  if (neededBytes > tail.length) tail = await fetch(neededBytes);
  return decodeTail(key, tail, sizeBytes);
}

/** As `readPackHeader`, of a pack that is in memory. */
export function packHeaderOf({ key }: Pick<RecordPlace, 'key'>, pack: Uint8Array): readonly PackedBlob[] {
  return decodeTail(key, pack, pack.length);
}

function decodeTail(key: RecordPlace['key'], tail: Uint8Array, sizeBytes: number): readonly PackedBlob[] {
  const length = headerLength(tail, sizeBytes);
  const end = tail.length - TRAILER_BYTES;
  const blobs = decodePackHeader(key, tail.subarray(end - length, end));
  if (packBytes(blobs) !== sizeBytes) throw vaultError('pack-damaged', { reason: 'size' });
  return blobs;
}

function headerLength(tail: Uint8Array, sizeBytes: number): number {
  if (tail.length < SEAL_BYTES + TRAILER_BYTES) throw vaultError('pack-damaged', { reason: 'cut short' });
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - TRAILER_BYTES, true);
  const isPossible =
    length >= SEAL_BYTES && length <= HEADER_BYTES_MAX && length + TRAILER_BYTES <= sizeBytes;
  if (!isPossible) throw vaultError('pack-damaged', { reason: 'header length' });
  return length;
}
