import { freeBytes } from '@rootcellar/core';
import { isFileID } from './blob-path.ts';

/** SHA-1. */
const ID_BYTES = 20;

const ROWS_FIRST = 256;

/**
 * A value of fixed size for each of many fileIDs, which come in their order. A row takes 20 bytes and the value, which is
 * a fifth of what a map of strings takes: a phone has a million files.
 */
export class FileIDTable {
  readonly #rowBytes: number;
  #rows = Buffer.alloc(0);
  #count = 0;

  /** @param valueBytes how large each value is */
  constructor(valueBytes: number) {
    this.#rowBytes = ID_BYTES + valueBytes;
  }

  get size(): number {
    return this.#count;
  }

  /**
   * @param value is copied; it takes the place of one that is there
   * @returns `false`, and nothing is done, if this is no fileID, or a new one that does not come after all others
   */
  set(fileID: string, value: Uint8Array): boolean {
    if (value.length !== this.#rowBytes - ID_BYTES) throw new RangeError('A value of another size.');
    if (!isFileID(fileID)) return false;
    const id = Buffer.from(fileID, 'hex');
    if (this.#count > 0 && this.#compare(this.#count - 1, id) >= 0) {
      const there = this.find(fileID);
      there?.set(value);
      return there !== undefined;
    }
    const row = this.#newRow();
    row.set(id);
    row.set(value, ID_BYTES);
    return true;
  }

  /** The value itself, not a copy: good until the next `set`. */
  find(fileID: string): Buffer | undefined {
    if (!isFileID(fileID)) return undefined;
    const id = Buffer.from(fileID, 'hex');
    let from = 0;
    let to = this.#count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.#compare(middle, id);
      if (order === 0) return this.#row(middle).subarray(ID_BYTES);
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }

  /** In the order of the fileIDs. */
  *entries(): Generator<readonly [fileID: string, value: Buffer], void> {
    for (let number = 0; number < this.#count; number += 1) {
      const row = this.#row(number);
      yield [row.toString('hex', 0, ID_BYTES), row.subarray(ID_BYTES)];
    }
  }

  #row(number: number): Buffer {
    return this.#rows.subarray(number * this.#rowBytes, (number + 1) * this.#rowBytes);
  }

  #newRow(): Buffer {
    const neededBytes = (this.#count + 1) * this.#rowBytes;
    if (neededBytes > this.#rows.length) {
      const larger = Buffer.alloc(Math.max(ROWS_FIRST * this.#rowBytes, Math.ceil(1.5 * this.#rows.length)));
      larger.set(this.#rows);
      // Values may be keys, which are not left about.
      this.#rows.fill(0);
      freeBytes(this.#rows);
      this.#rows = larger;
    }
    this.#count += 1;
    return this.#row(this.#count - 1);
  }

  #compare(number: number, id: Buffer): number {
    const at = number * this.#rowBytes;
    return this.#rows.compare(id, 0, ID_BYTES, at, at + ID_BYTES);
  }
}
