import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
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
  #isHeld = false;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string) {
    this.#path = join(folder, 'reserve');
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
      rmSync(this.#path, { force: true });
    }
  }

  /** @returns whether there is more room now */
  release(): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    rmSync(this.#path, { force: true });
    return true;
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
