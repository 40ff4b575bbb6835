import { backupError } from '../errors.ts';

/** A length that says: there is nothing, not even an empty text. */
const NULL_LENGTH = 0xffff;

/** Mode, inode, owner, group, three times, size, protection class, number of attributes. */
const FIXED_BYTES = 2 + 8 + 4 + 4 + 3 * 4 + 8 + 1 + 1;

/** Domain, path, link target, digest, key. */
const FIRST_FIELDS = 5;

/**
 * Reads the fields of a Manifest.mbdb record one after the other; all numbers are big-endian.
 *
 * Every read throws `backup.manifest-damaged` at the end of the bytes.
 */
export class MbdbFields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** Goes to the end of a whole record; `false` if the bytes end before. */
  skipRecord(): boolean {
    for (let field = 0; field < FIRST_FIELDS; field++) if (!this.#skipData()) return false;
    const count = this.#bytes[this.#position + FIXED_BYTES - 1];
    if (count === undefined) return false;
    this.#position += FIXED_BYTES;
    for (let field = 0; field < 2 * count; field++) if (!this.#skipData()) return false;
    return true;
  }

  /** A view, or `undefined` for null. */
  data(): Uint8Array | undefined {
    const length = this.unsigned16();
    if (length === NULL_LENGTH) return undefined;
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string | undefined {
    const bytes = this.data();
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  unsigned8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  unsigned16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  signed32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  unsigned64(): number | bigint {
    const value = this.#view.getBigUint64(this.#take(8));
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  /** Unix seconds, unsigned. */
  date(): Date {
    return new Date(this.#view.getUint32(this.#take(4)) * 1000);
  }

  #skipData(): boolean {
    if (this.#position + 2 > this.#bytes.length) return false;
    const length = this.#view.getUint16(this.#position);
    const next = this.#position + 2 + (length === NULL_LENGTH ? 0 : length);
    if (next > this.#bytes.length) return false;
    this.#position = next;
    return true;
  }

  /** The position before. */
  #take(bytes: number): number {
    const start = this.#position;
    if (start + bytes > this.#bytes.length) throw mbdbDamage('cut short');
    this.#position += bytes;
    return start;
  }
}

/** @param reason in our own words */
export function mbdbDamage(reason: string): Error {
  return backupError('manifest-damaged', { reason });
}
