const BLOCK_BYTES = 1024 * 1024;

/** Memory for packs that are being made, in blocks of 1 MiB that serve again: as much as packs were in memory at one time. */
export class PackBlocks {
  readonly #spare: Uint8Array[] = [];

  /** Whatever it holds is of no use. */
  take(): Uint8Array {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** @param block was taken here; nobody looks at it any more */
  giveBack(block: Uint8Array): void {
    this.#spare.push(block);
  }
}
