import { FileIDTable } from '@rootcellar/backup';
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

/* Of each file: its key, bytes of the content, length of the rest and whether there is padding, the rest. */
const KEY_BYTES = 32;
const FLAGS_AT = 40;
const REST_AT = 41;
const VALUE_BYTES = 56;
const PADDED = 0x80;

const byName = (one: CipherRecord, other: CipherRecord): number => (one.file < other.file ? -1 : 1);

/** A phone has a million files: a row takes a tenth of what a record takes. */
export class CipherTable implements CipherRecords {
  readonly #table = new FileIDTable(VALUE_BYTES);
  /** Of files so large that encryption can begin in their middle. */
  readonly #marks = new Map<string, Uint8Array>();
  /** Whose name is no fileID, or came late. */
  readonly #others = new Map<string, CipherRecord>();

  get size(): number {
    return this.#table.size + this.#others.size;
  }

  /** In the order of the names, to take little memory. */
  add(record: CipherRecord): void {
    const value = Buffer.alloc(VALUE_BYTES);
    value.set(record.key.reveal());
    value.writeDoubleLE(record.contentBytes, KEY_BYTES);
    value[FLAGS_AT] = record.rest.length | (record.isPadded ? PADDED : 0);
    value.set(record.rest, REST_AT);
    if (!this.#table.set(record.file, value)) this.#others.set(record.file, record);
    else if (record.marks.length > 0) this.#marks.set(record.file, record.marks);
    else this.#marks.delete(record.file);
    value.fill(0);
  }

  has(name: string): boolean {
    return this.#others.has(name) || this.#table.find(name) !== undefined;
  }

  get(name: string): CipherRecord | undefined {
    const value = this.#table.find(name);
    return value ? this.#recordOf(name, value) : this.#others.get(name);
  }

  *inOrder(): Generator<CipherRecord, void> {
    const others = [...this.#others.values()].sort(byName);
    for (const [file, value] of this.#table.entries()) {
      while (others[0] !== undefined && others[0].file < file) yield others.shift() as CipherRecord;
      yield this.#recordOf(file, value);
    }
    yield* others;
  }

  #recordOf(file: string, value: Buffer): CipherRecord {
    const flags = value[FLAGS_AT] ?? 0;
    return {
      file,
      key: new Secret(Uint8Array.from(value.subarray(0, KEY_BYTES))),
      contentBytes: value.readDoubleLE(KEY_BYTES),
      isPadded: (flags & PADDED) !== 0,
      rest: Uint8Array.from(value.subarray(REST_AT, REST_AT + (flags & ~PADDED))),
      marks: this.#marks.get(file) ?? new Uint8Array(0),
    };
  }
}
