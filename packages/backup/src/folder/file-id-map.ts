import { isFileID } from './blob-path.ts';

/** SHA-1. */
const ID_BYTES = 20;

/** Each part has the fileIDs that begin with the same byte: it grows alone, so that little is copied at a time. */
const PARTS = 256;

/** Room for one fileID, which is used again for the next. */
const ID = Buffer.alloc(ID_BYTES);

/**
 * A value of fixed size for each of many fileIDs, which come in any order. With its value, one takes half as much again as
 * in a `FileIDTable`, and a third of what a map of strings takes.
 */
export class FileIDMap {
  readonly #valueBytes: number;
  readonly #parts: (Part | undefined)[] = new Array<Part | undefined>(PARTS).fill(undefined);
  #size = 0;

  /** @param valueBytes how large each value is */
  constructor(valueBytes: number) {
    this.#valueBytes = valueBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** @param value is copied. @returns `false`, and nothing is done, if this is no fileID */
  set(fileID: string, value: Uint8Array): boolean {
    if (value.length !== this.#valueBytes) throw new RangeError('A value of another size.');
    if (!takeID(fileID)) return false;
    const number = ID[0] as number;
    const part = this.#parts[number] ?? new Part(this.#valueBytes);
    this.#parts[number] = part;
    if (part.set(value)) this.#size += 1;
    return true;
  }

  /** The value itself, not a copy: good until the next `set` or `delete`. */
  get(fileID: string): Buffer | undefined {
    return takeID(fileID) ? this.#parts[ID[0] as number]?.get() : undefined;
  }

  delete(fileID: string): boolean {
    const isGone = takeID(fileID) && this.#parts[ID[0] as number]?.delete() === true;
    if (isGone) this.#size -= 1;
    return isGone;
  }

  /** In the order of the fileIDs. */
  *entries(): Generator<readonly [fileID: string, value: Buffer], void> {
    for (const part of this.#parts) {
      for (const row of part?.rows() ?? []) yield [row.toString('hex', 0, ID_BYTES), row.subarray(ID_BYTES)];
    }
  }
}

function takeID(fileID: string): boolean {
  if (!isFileID(fileID)) return false;
  ID.write(fileID, 'hex');
  return true;
}

const ROWS_MIN = 16;
const GROWTH = 1.5;
const FILLED_MAX = 0.8;

/** Of a row that is in use; then come the fileID and the value. */
const IN_USE = 1;

/** A hash table with open addressing: fileIDs are hashes themselves. All calls are about the fileID in `ID`. */
class Part {
  readonly #rowBytes: number;
  #capacity = ROWS_MIN;
  #memory: Buffer;
  #count = 0;

  constructor(valueBytes: number) {
    this.#rowBytes = 1 + ID_BYTES + valueBytes;
    this.#memory = Buffer.alloc(this.#capacity * this.#rowBytes);
  }

  /** @returns whether it is new */
  set(value: Uint8Array): boolean {
    if (this.#count + 1 > this.#capacity * FILLED_MAX) this.#grow();
    const at = this.#find();
    const isNew = this.#memory[at] !== IN_USE;
    this.#memory[at] = IN_USE;
    this.#memory.set(ID, at + 1);
    this.#memory.set(value, at + 1 + ID_BYTES);
    if (isNew) this.#count += 1;
    return isNew;
  }

  get(): Buffer | undefined {
    const at = this.#find();
    return this.#memory[at] === IN_USE
      ? this.#memory.subarray(at + 1 + ID_BYTES, at + this.#rowBytes)
      : undefined;
  }

  /** Those behind it move up, so that they are found without it. Source: Knuth, "Sorting and Searching", 6.4, Algorithm R. */
  delete(): boolean {
    let gap = this.#find() / this.#rowBytes;
    if (!this.#isUsed(gap)) return false;
    for (let slot = this.#after(gap); this.#isUsed(slot); slot = this.#after(slot)) {
      const home = this.#homeAt(slot * this.#rowBytes + 1, this.#memory);
      const isBetween = gap <= slot ? gap < home && home <= slot : gap < home || home <= slot;
      if (isBetween) continue;
      this.#memory.copyWithin(gap * this.#rowBytes, slot * this.#rowBytes, (slot + 1) * this.#rowBytes);
      gap = slot;
    }
    this.#memory.fill(0, gap * this.#rowBytes, (gap + 1) * this.#rowBytes);
    this.#count -= 1;
    return true;
  }

  /** FileID and value of each, in order. */
  rows(): readonly Buffer[] {
    const rows: Buffer[] = [];
    for (let at = 0; at < this.#memory.length; at += this.#rowBytes)
      if (this.#memory[at] === IN_USE) rows.push(this.#memory.subarray(at + 1, at + this.#rowBytes));
    return rows.sort((a, b) => a.compare(b, 0, ID_BYTES, 0, ID_BYTES));
  }

  /** Where its row is, or would be. */
  #find(): number {
    for (let slot = this.#homeAt(0, ID); ; slot = this.#after(slot)) {
      const at = slot * this.#rowBytes;
      if (
        this.#memory[at] !== IN_USE ||
        this.#memory.compare(ID, 0, ID_BYTES, at + 1, at + 1 + ID_BYTES) === 0
      )
        return at;
    }
  }

  #isUsed(slot: number): boolean {
    return this.#memory[slot * this.#rowBytes] === IN_USE;
  }

  #after(slot: number): number {
    return slot + 1 === this.#capacity ? 0 : slot + 1;
  }

  /** The first byte is the same in all of a part. */
  #homeAt(at: number, memory: Buffer): number {
    return memory.readUInt32LE(at + 1) % this.#capacity;
  }

  #grow(): void {
    const rows = this.rows();
    this.#capacity = Math.ceil(this.#capacity * GROWTH);
    this.#memory = Buffer.alloc(this.#capacity * this.#rowBytes);
    const wanted = Buffer.from(ID);
    for (const row of rows) {
      ID.set(row.subarray(0, ID_BYTES));
      const at = this.#find();
      this.#memory[at] = IN_USE;
      this.#memory.set(row, at + 1);
    }
    ID.set(wanted);
  }
}
