import { freeBytes } from '@rootcellar/core';
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
  /** Good until the memory of the builder is used again. */
  readonly bytes: Uint8Array;
  readonly blobs: readonly PackedBlob[];
}

/** Most vaults are small at first, and so are most last packs. */
const BYTES_FIRST = 256 * 1024;

/** A pack of usual size with its list: up to here memory doubles, beyond it becomes what is needed. */
const BYTES_USUAL = 18 * 1024 * 1024;

/** A pack that grows, in memory. */
export class PackBuilder {
  readonly #blobs: PackedBlob[] = [];
  #memory: Uint8Array;
  #offset = 0;

  /** @param memory of a pack that is stored, to be used again: packs are large, and there are many */
  constructor(memory: Uint8Array = new Uint8Array(BYTES_FIRST)) {
    this.#memory = memory;
  }

  add({ id, type, sealed, uncompressedLength }: SealedBlob): void {
    this.#blobs.push({ id, type, offset: this.#offset, length: sealed.length, uncompressedLength });
    this.#append(sealed);
  }

  get blobs(): readonly PackedBlob[] {
    return this.#blobs;
  }

  /** Without the list of blobs that comes last. */
  get contentBytes(): number {
    return this.#offset;
  }

  get memory(): Uint8Array {
    return this.#memory;
  }

  finish(key: SealKey): FinishedPack {
    this.#append(encodePackTail(key, this.#blobs));
    const bytes = this.#memory.subarray(0, this.#offset);
    return { id: idOf(bytes), bytes, blobs: this.#blobs };
  }

  #append(bytes: Uint8Array): void {
    const end = this.#offset + bytes.length;
    if (end > this.#memory.length) {
      const larger = new Uint8Array(Math.max(end, Math.min(2 * this.#memory.length, BYTES_USUAL)));
      larger.set(this.#memory.subarray(0, this.#offset));
      freeBytes(this.#memory);
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#offset);
    this.#offset = end;
  }
}
