import { freeBytes } from '@rootcellar/core';
import { decompress } from '../chunks/compress.ts';
import { openBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { IndexedBlob } from './blob-index.ts';
import { idOf } from './ids.ts';
import { plainBytes } from './pack-header.ts';
import type { RecordPlace } from './unpacked.ts';

/** A blob that would be larger is not read: pieces are 8 MiB at most, trees of a huge folder some tens of MiB. */
const BLOB_BYTES_MAX = 256 * 1024 * 1024;

export type BlobToOpen = Pick<IndexedBlob, 'id' | 'offset' | 'length' | 'uncompressedLength'>;

/** @returns the plain content, or `undefined` if it is not what was stored */
export function openBlob(
  { key }: Pick<RecordPlace, 'key'>,
  blob: Omit<BlobToOpen, 'offset'>,
  sealed: Uint8Array,
): Uint8Array | undefined {
  try {
    if (plainBytes(blob) > BLOB_BYTES_MAX) return undefined;
    const opened = openBytes(key, sealed);
    const plain =
      blob.uncompressedLength === undefined ? opened : decompress(opened, blob.uncompressedLength);
    if (plain !== opened) freeBytes(opened);
    return idOf(plain) === blob.id ? plain : undefined;
  } catch (error) {
    if (vaultError.matches(error)) return undefined;
    throw error;
  }
}

/** Blobs that were opened together. */
export interface OpenedBlobs {
  /** Of each its plain content, or `undefined` if it is not what was stored. */
  readonly opened: readonly (Uint8Array | undefined)[];
  /** Gives back the memory of all: nobody may look at them afterwards. */
  free(): void;
}

/** @param blobs with their offsets in `bytes` */
export function openAll(
  place: Pick<RecordPlace, 'key'>,
  blobs: readonly BlobToOpen[],
  bytes: Uint8Array,
): OpenedBlobs {
  const opened = blobs.map((blob) =>
    openBlob(place, blob, bytes.subarray(blob.offset, blob.offset + blob.length)),
  );
  return {
    opened,
    free: () => {
      for (const plain of opened) if (plain !== undefined) freeBytes(plain);
    },
  };
}
