import { createHash } from 'node:crypto';
import type { BlobType } from '../chunks/blob.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { PackBlocks } from './pack-blocks.ts';
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

/** Larger blobs stay in their own memory. */
const COPIED_BYTES_MAX = 64 * 1024;

/**
 * A pack that grows, in memory: one part after the other. Small blobs are copied together, since thousands of little pieces
 * of memory that are needed for long keep what lies between them from being used again.
 */
export class PackBuilder {
  readonly #memory: PackBlocks;
  readonly #blobs: PackedBlob[] = [];
  readonly #parts: Uint8Array[] = [];
  readonly #releases: (() => void)[] = [];
  readonly #hash = createHash('sha256');
  #offset = 0;
  /** The block into which small blobs go: up to where it has been filled, and up to where that is in `parts`. */
  #block: { readonly bytes: Uint8Array; filled: number; parted: number } | undefined;

  /** @param memory where small blobs are copied to */
  constructor(memory: PackBlocks) {
    this.#memory = memory;
  }

  /** @param blob belongs to the pack, which releases it as soon as it can */
  add({ id, type, sealed, uncompressedLength, release }: SealedBlob): void {
    this.#blobs.push({ id, type, offset: this.#offset, length: sealed.length, uncompressedLength });
    this.#offset += sealed.length;
    if (sealed.length <= COPIED_BYTES_MAX) {
      this.#copy(sealed);
      release?.();
    } else {
      this.#partCopied();
      this.#addPart(sealed);
      if (release !== undefined) this.#releases.push(release);
    }
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
    this.#partCopied();
    const tail = encodePackTail(key, this.#blobs);
    this.#addPart(tail);
    const id = this.#hash.digest('hex');
    return { id, parts: this.#parts, sizeBytes: this.#offset + tail.length, blobs: this.#blobs };
  }

  /** The pack is stored, or never will be: its memory is free. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#parts.length = 0;
  }

  #copy(sealed: Uint8Array): void {
    if (this.#block === undefined || this.#block.filled + sealed.length > this.#block.bytes.length) {
      this.#partCopied();
      const bytes = this.#memory.take();
      this.#block = { bytes, filled: 0, parted: 0 };
      this.#releases.push(() => this.#memory.giveBack(bytes));
    }
    this.#block.bytes.set(sealed, this.#block.filled);
    this.#block.filled += sealed.length;
  }

  /** What has been copied so far comes before whatever is added next. */
  #partCopied(): void {
    if (this.#block === undefined || this.#block.filled === this.#block.parted) return;
    const { bytes, parted, filled } = this.#block;
    this.#block.parted = filled;
    this.#addPart(bytes.subarray(parted, filled));
  }

  #addPart(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#hash.update(bytes);
  }
}
