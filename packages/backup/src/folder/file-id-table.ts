import { isFileID } from './blob-path.ts';

/** SHA-1. */
const ID_BYTES = 20;

/** Rows are kept in segments, so that growing copies nothing and wastes little: values may be keys, which are not left about. */
const SEGMENT_ROWS = 1 << 12;

/** Room for one fileID, which is used again for the next. */
const ID = Buffer.alloc(ID_BYTES);

/**
 * A value of fixed size for each of many fileIDs, which come in their order. A row takes 20 bytes and the value, which is
 * a fifth of what a map of strings takes: a phone has a million files.
 */
export class FileIDTable {
  readonly #rowBytes: number;
  readonly #segments: Buffer[] = [];
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
    ID.write(fileID, 'hex');
    if (this.#count > 0 && this.#compare(this.#count - 1) >= 0) {
      const there = this.find(fileID);
      there?.set(value);
      return there !== undefined;
    }
    if (this.#count % SEGMENT_ROWS === 0) this.#segments.push(Buffer.alloc(SEGMENT_ROWS * this.#rowBytes));
    const row = this.#row(this.#count);
    row.set(ID);
    row.set(value, ID_BYTES);
    this.#count += 1;
    return true;
  }

  /** The value itself, not a copy. */
  find(fileID: string): Buffer | undefined {
    if (!isFileID(fileID)) return undefined;
    ID.write(fileID, 'hex');
    let from = 0;
    let to = this.#count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.#compare(middle);
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
    const at = this.#placeOf(number);
    return this.#segmentOf(number).subarray(at, at + this.#rowBytes);
  }

  /** The fileID of a row with the one in `ID`. */
  #compare(number: number): number {
    const at = this.#placeOf(number);
    return this.#segmentOf(number).compare(ID, 0, ID_BYTES, at, at + ID_BYTES);
  }

  #segmentOf(number: number): Buffer {
    const segment = this.#segments[Math.floor(number / SEGMENT_ROWS)];
    if (segment === undefined) throw new RangeError('No such row.');
    return segment;
  }

  #placeOf(number: number): number {
    return (number % SEGMENT_ROWS) * this.#rowBytes;
  }
}
