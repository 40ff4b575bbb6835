import type { BlobType } from '../chunks/blob.ts';
import type { SealKey } from '../chunks/seal.ts';
import { idOf } from './ids.ts';
import { encodePackTail, type PackedBlob } from './pack-header.ts';

/** A blob, ready to be put into a pack. */
export interface SealedBlob {
  readonly id: string;
  readonly type: BlobType;
  readonly sealed: Uint8Array;
  /** Bytes of the plain content if it was compressed. */
  readonly uncompressedLength: number | undefined;
}

export interface FinishedPack {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly blobs: readonly PackedBlob[];
}

/** A pack that grows, in memory. */
export class PackBuilder {
  readonly #pieces: Uint8Array[] = [];
  readonly #blobs: PackedBlob[] = [];
  #offset = 0;

  add({ id, type, sealed, uncompressedLength }: SealedBlob): void {
    this.#pieces.push(sealed);
    this.#blobs.push({ id, type, offset: this.#offset, length: sealed.length, uncompressedLength });
    this.#offset += sealed.length;
  }

  get blobs(): readonly PackedBlob[] {
    return this.#blobs;
  }

  /** Without the list of blobs that comes last. */
  get contentBytes(): number {
    return this.#offset;
  }

  finish(key: SealKey): FinishedPack {
    const bytes = Buffer.concat([...this.#pieces, encodePackTail(key, this.#blobs)]);
    return { id: idOf(bytes), bytes, blobs: this.#blobs };
  }
}
