import type { BlobType } from '../chunks/blob.ts';
import { openBytes, SEAL_BYTES, type SealKey, sealBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import { ID_BYTES } from './ids.ts';

/** A blob as it lies in a pack. */
export interface PackedBlob {
  readonly id: string;
  readonly type: BlobType;
  /** Where its sealed bytes begin in the pack. */
  readonly offset: number;
  /** How many sealed bytes there are. */
  readonly length: number;
  /** Bytes of the plain content if it was compressed, `undefined` if it was not. */
  readonly uncompressedLength: number | undefined;
}

/** Type, length, id; a compressed blob has its uncompressed length in between. All numbers little-endian. */
const PLAIN_ENTRY_BYTES = 1 + 4 + ID_BYTES;
const COMPRESSED_ENTRY_BYTES = PLAIN_ENTRY_BYTES + 4;

/** Added to the type of a compressed blob. */
const COMPRESSED_BIT = 2;
const TYPES: readonly BlobType[] = ['data', 'tree'];

export const TRAILER_BYTES = 4;

/** As large as stock restic accepts. */
export const HEADER_BYTES_MAX = 16 * 1024 * 1024;

/** Entries, sealed, and the length of that: what follows the last blob of a pack. */
export function encodePackTail(key: SealKey, blobs: readonly PackedBlob[]): Uint8Array {
  const sealed = sealBytes(key, encodeEntries(blobs));
  const length = Buffer.alloc(TRAILER_BYTES);
  length.writeUInt32LE(sealed.length);
  return Buffer.concat([sealed, length]);
}

/** How large a pack with these blobs is, all in all. */
export function packBytes(blobs: Iterable<Pick<PackedBlob, 'length' | 'uncompressedLength'>>): number {
  let bytes = SEAL_BYTES + TRAILER_BYTES;
  for (const blob of blobs) bytes += blob.length + entryBytes(blob);
  return bytes;
}

/**
 * @param sealed the header as it lies before the trailer
 * @throws `vault.pack-damaged`, `vault.sealed-damaged`
 */
export function decodePackHeader(key: SealKey, sealed: Uint8Array): readonly PackedBlob[] {
  const bytes = openBytes(key, sealed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blobs: PackedBlob[] = [];
  let offset = 0;
  for (let at = 0; at < bytes.length; ) {
    const isCompressed = ((bytes[at] ?? 0) & COMPRESSED_BIT) !== 0;
    const type = TYPES[(bytes[at] ?? 0) & ~COMPRESSED_BIT];
    const end = at + (isCompressed ? COMPRESSED_ENTRY_BYTES : PLAIN_ENTRY_BYTES);
    if (type === undefined || end > bytes.length)
      throw vaultError('pack-damaged', { reason: 'header entry' });
    const length = view.getUint32(at + 1, true);
    const uncompressedLength = isCompressed ? view.getUint32(at + 5, true) : undefined;
    const id = Buffer.from(bytes.subarray(end - ID_BYTES, end)).toString('hex');
    blobs.push({ id, type, offset, length, uncompressedLength });
    offset += length;
    at = end;
  }
  return blobs;
}

function encodeEntries(blobs: readonly PackedBlob[]): Uint8Array {
  return Buffer.concat(
    blobs.map((blob) => {
      const entry = Buffer.alloc(entryBytes(blob));
      entry[0] = TYPES.indexOf(blob.type) + (blob.uncompressedLength === undefined ? 0 : COMPRESSED_BIT);
      entry.writeUInt32LE(blob.length, 1);
      if (blob.uncompressedLength !== undefined) entry.writeUInt32LE(blob.uncompressedLength, 5);
      entry.write(blob.id, entry.length - ID_BYTES, 'hex');
      return entry;
    }),
  );
}

function entryBytes({ uncompressedLength }: Pick<PackedBlob, 'uncompressedLength'>): number {
  return uncompressedLength === undefined ? PLAIN_ENTRY_BYTES : COMPRESSED_ENTRY_BYTES;
}

/** Bytes of the plain content. */
export function plainBytes({
  length,
  uncompressedLength,
}: Pick<PackedBlob, 'length' | 'uncompressedLength'>): number {
  return uncompressedLength ?? length - SEAL_BYTES;
}
