import { BLOCK_BYTES, MARKS_MAX, markSpacing } from './cipher-record.ts';
import { copyOf, NO_BLOCK } from './whole-blocks.ts';

/** Gathers the marks of an encrypted file as it passes by, however long it becomes. */
export class MarkGatherer {
  #spacing = markSpacing(0);
  #marks: Uint8Array[] = [];
  #last = NO_BLOCK;
  #offset = 0;

  /** @param blocks whole ones, which follow those before */
  add(blocks: Uint8Array): void {
    const end = this.#offset + blocks.length;
    for (let at = this.#nextMark(); at < end; at = this.#nextMark()) {
      const before = at - this.#offset - BLOCK_BYTES;
      this.#marks.push(before < 0 ? this.#last : copyOf(blocks.subarray(before, before + BLOCK_BYTES)));
      if (this.#marks.length > MARKS_MAX) this.#thinOut();
    }
    if (blocks.length > 0) this.#last = copyOf(blocks.subarray(-BLOCK_BYTES));
    this.#offset = end;
  }

  /** All of them, one after the other. */
  get bytes(): Uint8Array {
    return Buffer.concat(this.#marks);
  }

  #nextMark(): number {
    return (this.#marks.length + 1) * this.#spacing;
  }

  /** Keeps every second one, which are those at multiples of twice the spacing. */
  #thinOut(): void {
    this.#marks = this.#marks.filter((_, at) => at % 2 === 1);
    this.#spacing *= 2;
  }
}
