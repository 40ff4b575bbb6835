import { isFileID } from '@rootcellar/backup';
import { Secret } from '@rootcellar/core';
import type { CipherRecord } from '@rootcellar/vault';

/** What is known of each encrypted file, by its name: a fileID, or `Manifest.db`. */
export interface CipherRecords {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): CipherRecord | undefined;
  /** By name. */
  inOrder(): Iterable<CipherRecord>;
}

/* A row: fileID, key, bytes of the content, length of the rest and whether there is padding, the rest. */
const KEY_AT = 20;
const BYTES_AT = 52;
const FLAGS_AT = 60;
const REST_AT = 61;
const ROW_BYTES = 76;
const PADDED = 0x80;

const ROWS_FIRST = 256;

/** A phone has a million files: a row takes a tenth of what a record takes. */
export class CipherTable implements CipherRecords {
  #rows = Buffer.alloc(0);
  #count = 0;
  /** Of files so large that encryption can begin in their middle. */
  readonly #marks = new Map<string, Uint8Array>();
  /** Whose name is no fileID. */
  readonly #others = new Map<string, CipherRecord>();

  get size(): number {
    return this.#count + this.#others.size;
  }

  /** @throws RangeError if the fileID does not come after the one before */
  add(record: CipherRecord): void {
    if (!isFileID(record.file)) {
      this.#others.set(record.file, record);
      return;
    }
    const id = Buffer.from(record.file, 'hex');
    const isNext = this.#count === 0 || this.#compare(this.#count - 1, id) < 0;
    if (!isNext) throw new RangeError('Records are not in order.');
    const row = this.#newRow();
    row.set(id);
    row.set(record.key.reveal(), KEY_AT);
    row.writeDoubleLE(record.contentBytes, BYTES_AT);
    row[FLAGS_AT] = record.rest.length | (record.isPadded ? PADDED : 0);
    row.set(record.rest, REST_AT);
    if (record.marks.length > 0) this.#marks.set(record.file, record.marks);
  }

  has(name: string): boolean {
    return this.#others.has(name) || this.#find(name) !== undefined;
  }

  get(name: string): CipherRecord | undefined {
    const row = this.#find(name);
    return row === undefined ? this.#others.get(name) : this.#recordAt(row);
  }

  *inOrder(): Generator<CipherRecord, void> {
    const others = [...this.#others.values()].sort((one, other) => (one.file < other.file ? -1 : 1));
    for (let row = 0; row < this.#count; row += 1) {
      const record = this.#recordAt(row);
      while (others[0] !== undefined && others[0].file < record.file) yield others.shift() as CipherRecord;
      yield record;
    }
    yield* others;
  }

  #newRow(): Buffer {
    const end = (this.#count + 1) * ROW_BYTES;
    if (end > this.#rows.length) {
      const larger = Buffer.alloc(Math.max(ROWS_FIRST * ROW_BYTES, 2 * this.#rows.length));
      larger.set(this.#rows);
      // Keys are not left about.
      this.#rows.fill(0);
      this.#rows = larger;
    }
    this.#count += 1;
    return this.#rows.subarray(end - ROW_BYTES, end);
  }

  #find(name: string): number | undefined {
    if (!isFileID(name)) return undefined;
    const id = Buffer.from(name, 'hex');
    let from = 0;
    let to = this.#count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.#compare(middle, id);
      if (order === 0) return middle;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }

  #compare(row: number, id: Buffer): number {
    const at = row * ROW_BYTES;
    return this.#rows.compare(id, 0, KEY_AT, at, at + KEY_AT);
  }

  #recordAt(number: number): CipherRecord {
    const row = this.#rows.subarray(number * ROW_BYTES, (number + 1) * ROW_BYTES);
    const file = row.toString('hex', 0, KEY_AT);
    const flags = row[FLAGS_AT] ?? 0;
    return {
      file,
      key: new Secret(Uint8Array.from(row.subarray(KEY_AT, BYTES_AT))),
      contentBytes: row.readDoubleLE(BYTES_AT),
      isPadded: (flags & PADDED) !== 0,
      rest: Uint8Array.from(row.subarray(REST_AT, REST_AT + (flags & ~PADDED))),
      marks: this.#marks.get(file) ?? new Uint8Array(0),
    };
  }
}
