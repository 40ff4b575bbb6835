import { createHash } from 'node:crypto';
import type { BlobType } from '../chunks/blob.ts';
import type { SealKey } from '../chunks/seal.ts';
import { encodePackTail, type PackedBlob } from './pack-header.ts';

/** A blob, ready to be put into a pack. */
export interface SealedBlob {
  readonly id: string;
  readonly type: BlobType;
  readonly sealed: Uint8Array;
  /** Bytes of the plain content if it was compressed. */
  readonly uncompressedLength: number | undefined;
  /** To be called when `sealed` is of no more use; nobody may look at it afterwards. */
  readonly release?: (() => void) | undefined;
}

export interface FinishedPack {
  readonly id: string;
  /** The whole pack, in parts; good until `release`. */
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly blobs: readonly PackedBlob[];
}

/** A pack that grows, in memory. Nothing is copied: a pack is the blobs that were given, one after the other. */
export class PackBuilder {
  readonly #blobs: PackedBlob[] = [];
  readonly #parts: Uint8Array[] = [];
  readonly #releases: (() => void)[] = [];
  readonly #hash = createHash('sha256');
  #offset = 0;

  /** @param blob belongs to the pack until `release` */
  add({ id, type, sealed, uncompressedLength, release }: SealedBlob): void {
    this.#blobs.push({ id, type, offset: this.#offset, length: sealed.length, uncompressedLength });
    if (release !== undefined) this.#releases.push(release);
    this.#append(sealed);
  }

  get blobs(): readonly PackedBlob[] {
    return this.#blobs;
  }

  /** Without the list of blobs that comes last. */
  get contentBytes(): number {
    return this.#offset;
  }

  /** Once, when nothing more is added. */
  finish(key: SealKey): FinishedPack {
    this.#append(encodePackTail(key, this.#blobs));
    const id = this.#hash.digest('hex');
    return { id, parts: this.#parts, sizeBytes: this.#offset, blobs: this.#blobs };
  }

  /** The pack is stored, or never will be: its memory is free. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#parts.length = 0;
  }

  #append(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#hash.update(bytes);
    this.#offset += bytes.length;
  }
}
