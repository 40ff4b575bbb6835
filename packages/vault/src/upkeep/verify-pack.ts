import { freeBytes } from '@rootcellar/core';
import type { SealKey } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { IndexedBlob } from '../repository/blob-index.ts';
import { idOf } from '../repository/ids.ts';
import { openBlob } from '../repository/open-blob.ts';
import { packHeaderOf } from '../repository/pack-reader.ts';

/** What an index says of a pack. */
export interface PackToVerify {
  readonly id: string;
  readonly blobs: readonly Pick<IndexedBlob, 'id' | 'offset' | 'length' | 'uncompressedLength'>[];
}

export interface PackVerdict {
  /** The pack is, bit for bit, what was stored. */
  readonly isWhole: boolean;
  /** Offsets of blobs that cannot be read. */
  readonly lostOffsets: readonly number[];
}

/** Verifies all of a pack: its digest, the list at its end, and every blob. */
export function verifyPack(key: SealKey, { id, blobs }: PackToVerify, bytes: Uint8Array): PackVerdict {
  const isLost = (blob: PackToVerify['blobs'][number]): boolean => {
    const plain = openBlob({ key }, blob, bytes.subarray(blob.offset, blob.offset + blob.length));
    if (plain !== undefined) freeBytes(plain);
    return plain === undefined;
  };
  const lostOffsets = blobs.filter(isLost).map(({ offset }) => offset);
  const isWhole = lostOffsets.length === 0 && idOf(bytes) === id && hasHeader(key, bytes);
  return { isWhole, lostOffsets };
}

function hasHeader(key: SealKey, pack: Uint8Array): boolean {
  try {
    packHeaderOf({ key }, pack);
    return true;
  } catch (error) {
    if (vaultError.matches(error)) return false;
    throw error;
  }
}
