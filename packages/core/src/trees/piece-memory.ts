/** Pieces that a file is read in. */
export const PIECE_BYTES_MAX = 256 * 1024;

/** Of four files: more are rarely read at the same time. */
const SPARE_MAX = 8;

/** Of readers that have come to their end. */
const spare: Buffer[] = [];

/** Where one reader puts the pieces of a file. */
export class PieceMemory {
  readonly #isLent: boolean;
  #memory: Buffer | undefined;

  /** @param isLent the same memory for each piece; otherwise each has its own */
  constructor(isLent: boolean) {
    this.#isLent = isLent;
  }

  /** @param bytes up to `PIECE_BYTES_MAX` */
  take(bytes: number): Buffer {
    if (!this.#isLent) return Buffer.allocUnsafe(bytes);
    this.#memory ??= spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES_MAX);
    return this.#memory.subarray(0, bytes);
  }

  /** Nobody looks at a piece any more. */
  giveBack(): void {
    if (this.#memory !== undefined && spare.length < SPARE_MAX) spare.push(this.#memory);
    this.#memory = undefined;
  }
}
