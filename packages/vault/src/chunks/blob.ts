import { hash } from 'node:crypto';
import { compress, compressIfWorth } from './compress.ts';
import { type SealKey, sealBytes } from './seal.ts';

/** A chunk of a file, or a list of what is in a folder. */
export type BlobType = 'data' | 'tree';

/** A blob as it stands in a pack. */
export interface PreparedBlob {
  /** See `blobId`. */
  readonly id: string;
  readonly type: BlobType;
  /** Sealed, compressed or not. */
  readonly sealed: Uint8Array;
  /** Of the plain bytes. */
  readonly length: number;
  /** The same, if the blob is compressed; else `undefined`. */
  readonly uncompressedLength: number | undefined;
  /** To be called when `sealed` is of no more use; nobody may look at it afterwards. */
  readonly release?: (() => void) | undefined;
}

/** The name of a blob: SHA-256 of its plain bytes, 64 hexadecimal digits. */
export function blobId(plain: Uint8Array): string {
  return hash('sha256', plain, 'hex');
}

/**
 * Makes a blob ready for a pack. Trees are always compressed: restic's `prune` packs them anew if they are not.
 *
 * Source: restic, `internal/repository/repository.go`, `saveAndEncrypt`; `cmd/restic/cmd_prune.go`.
 *
 * @param id if it is known already
 */
export function prepareHere(blob: {
  readonly key: SealKey;
  readonly plain: Uint8Array;
  readonly type: BlobType;
  readonly id: string | undefined;
}): PreparedBlob {
  const { key, plain, type, id = blobId(plain) } = blob;
  const compressed = type === 'tree' ? compress(plain) : compressIfWorth(plain);
  return {
    id,
    type,
    sealed: sealBytes(key, compressed ?? plain),
    length: plain.length,
    uncompressedLength: compressed && plain.length,
  };
}
