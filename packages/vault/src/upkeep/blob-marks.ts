import type { BlobType } from '../chunks/blob.ts';
import type { BlobIndex } from '../repository/blob-index.ts';

/** A set of blobs of an index: one bit each. What the index learns later is never in it. */
export class BlobMarks {
  readonly #index: BlobIndex;
  readonly #bits: Uint8Array;

  constructor(index: BlobIndex) {
    this.#index = index;
    this.#bits = new Uint8Array(Math.ceil(index.size / 8));
  }

  /** @returns whether the blob is known to the index */
  add(id: string, type: BlobType): boolean {
    const number = this.#index.numberOf(id, type);
    if (number === undefined) return false;
    this.#bits[number >> 3] = (this.#bits[number >> 3] ?? 0) | (1 << (number & 7));
    return true;
  }

  has(id: string, type: BlobType): boolean {
    const number = this.#index.numberOf(id, type);
    return number !== undefined && ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}
