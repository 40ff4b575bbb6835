import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** How a few hundred jobs end. */
const RESERVE_BYTES = 1024 * 1024;

/** With less than this free somebody else needs the room more. */
const FREE_BYTES_MIN = 64 * RESERVE_BYTES;

const LOOK_AGAIN_MS = 60_000;

/**
 * Room on the disk that is kept for the records: when it is full, that must be written down, and what is there must
 * still be checked. A file of no meaning, `reserve` in the data folder, which goes when it is needed.
 */
export class DiskReserve {
  readonly #path: string;
  #isHeld: boolean;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string) {
    this.#path = join(folder, 'reserve');
    this.#isHeld = this.#heldBytes() === RESERVE_BYTES;
  }

  /** Takes the room again if there is plenty; at most once a minute. */
  hold(nowMs = performance.now()): void {
    if (this.#isHeld || nowMs - this.#lookedMs < LOOK_AGAIN_MS) return;
    this.#lookedMs = nowMs;
    try {
      const { bavail, bsize } = statfsSync(join(this.#path, '..'));
      if (bavail * bsize < FREE_BYTES_MIN) return;
      // A disk that compresses, or leaves out zeros, would keep no room for those.
      writeNow(this.#path, randomBytes(RESERVE_BYTES));
      this.#isHeld = true;
    } catch {
      this.#remove();
    }
  }

  /** @returns whether there is more room now */
  release(): boolean {
    this.#isHeld = false;
    // Whoever was here before may have left it, or a part of it.
    return this.#heldBytes() > 0 && this.#remove();
  }

  #heldBytes(): number {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found?.isFile() ? found.size : 0;
  }

  /** What was written to the records meanwhile is written, whatever becomes of the reserve. */
  #remove(): boolean {
    try {
      rmSync(this.#path, { force: true });
      return true;
    } catch {
      return false;
    }
  }
}

function writeNow(path: string, content: Uint8Array): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
