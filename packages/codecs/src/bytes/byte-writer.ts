const FIRST_BYTES = 256;

/** Bytes that grow as they are written, all numbers big-endian. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#buffer[this.#length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#makeRoom(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** @param sizeBytes 1 to 8 */
  unsigned(value: number, sizeBytes: number): void {
    this.#makeRoom(sizeBytes);
    let rest = value;
    for (let index = sizeBytes - 1; index >= 0; index--) {
      this.#buffer[this.#length + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += sizeBytes;
  }

  signed64(value: bigint): void {
    this.#makeRoom(8);
    this.#length = this.#buffer.writeBigInt64BE(value, this.#length);
  }

  double(value: number): void {
    this.#makeRoom(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  /** One byte per character; the text holds none above U+00FF. */
  latin1(value: string): void {
    this.#makeRoom(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
  }

  utf16(value: string): void {
    this.bytes(Buffer.from(value, 'utf16le').swap16());
  }

  /** What was written so far, not shared with the writer. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#length));
  }

  #makeRoom(sizeBytes: number): void {
    const needed = this.#length + sizeBytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
