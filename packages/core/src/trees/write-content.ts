import { write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { treeErrorFor } from './disk-errors.ts';

/** Written at a time: connections give 16 KiB pieces, vaults whatever a file was cut into. */
const BLOCK_BYTES = 1024 * 1024;

/** Of files that are written at the same time; each needs two, if it is not small. */
const SPARE_MAX = 8;

/** A file that is whole within this much is written at once, without a detour over other threads. */
const SMALL_FILE_BYTES = 256 * 1024;

/** Memory of writings that have come to their end. */
const spare: Buffer[] = [];

const writeElsewhere = promisify(write);

/**
 * Writes the content of a new file, and reads on while a part of it is on its way to the disk.
 *
 * @param open makes the file and gives its descriptor, which is not closed; called once, when there are bytes to write
 *   or there is no more content
 * @param content pieces may be lent
 * @returns bytes
 * @throws `tree.disk-full` …; whatever `content` throws: the file then has a part of its content
 */
export async function writeContent(
  open: () => number,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const writing = new ContentWriting(open);
  try {
    for await (const piece of content) await writing.add(piece);
  } catch (error) {
    await writing.end().catch(() => {});
    throw error;
  }
  await writing.end();
  return writing.bytes;
}

class ContentWriting {
  bytes = 0;
  readonly #open: () => number;
  #opened: { readonly descriptor: number } | { readonly failure: unknown } | undefined;
  /** The block that is being filled, and how far it is. */
  #block: Buffer = takeBlock();
  #filled = 0;
  /** The block that is on its way, or comes back to be filled. */
  #other: Buffer | undefined;
  #onItsWay: Promise<void> = Promise.resolve();

  constructor(open: () => number) {
    this.#open = open;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_BYTES) await this.#send();
    }
    this.bytes += piece.length;
  }

  /** What has been added gets to the disk, whatever became of the rest. */
  async end(): Promise<void> {
    try {
      await this.#onItsWay;
      const descriptor = this.#descriptor();
      const rest = this.#block.subarray(0, this.#filled);
      if (rest.length <= SMALL_FILE_BYTES) writeAtOnce(descriptor, rest);
      else await writeAll(descriptor, rest);
    } finally {
      giveBack(this.#block);
      if (this.#other) giveBack(this.#other);
    }
  }

  #descriptor(): number {
    if (this.#opened === undefined) {
      try {
        this.#opened = { descriptor: this.#open() };
      } catch (failure) {
        this.#opened = { failure };
      }
    }
    if ('failure' in this.#opened) throw this.#opened.failure;
    return this.#opened.descriptor;
  }

  async #send(): Promise<void> {
    await this.#onItsWay;
    this.#onItsWay = writeAll(this.#descriptor(), this.#block);
    this.#onItsWay.catch(() => {}); // It is awaited soon; until then it must not count as unhandled.
    const free = this.#other ?? takeBlock();
    this.#other = this.#block;
    this.#block = free;
    this.#filled = 0;
  }
}

function takeBlock(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

function giveBack(block: Buffer): void {
  if (spare.length < SPARE_MAX) spare.push(block);
}

/** A disk may take less than it is given. */
function writeAtOnce(descriptor: number, bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
  } catch (error) {
    throw treeErrorFor(error);
  }
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  try {
    for (let written = 0; written < bytes.length; ) {
      written += (await writeElsewhere(descriptor, bytes, written, bytes.length - written)).bytesWritten;
    }
  } catch (error) {
    throw treeErrorFor(error);
  }
}
