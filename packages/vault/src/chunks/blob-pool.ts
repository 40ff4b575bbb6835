import { availableParallelism } from 'node:os';
import { orAborted } from '@rootcellar/core';
import type { BlobType, PreparedBlob } from './blob.ts';
import { type AskedTask, type BlobTask, BlobThread } from './blob-thread.ts';
import type { SealKey } from './seal.ts';

/** More are limited by what reads and cuts. */
const THREADS_MAX = 8;

/** One in work, so that there is always one to go on with. */
const LOTS_PER_THREAD = 2;

/** Small blobs are sent together, up to this much. A page of a database has 16 KiB. */
const LOT_BYTES_MAX = 512 * 1024;

/** Less waits for more to come, since waking a thread costs as much as a small file; but not for long. */
const LOT_BYTES_MIN = 128 * 1024;
const LOT_WAIT_MS = 5;

/** What may wait for a thread. Who gives more has forgotten to wait for answers. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;

/** Prepares blobs on all cores. Its functions need no `this`. */
export interface BlobPool {
  /**
   * Hashes, compresses and seals. Answers come in any order; blobs are taken in the order of the calls.
   *
   * @param plain given away: its memory may move to a thread
   * @throws the reason of the signal; what a thread throws; an error if the pool has been closed
   */
  readonly prepareBlob: (
    plain: Uint8Array,
    type: BlobType,
    options?: PrepareOptions,
  ) => Promise<PreparedBlob>;

  /** Ends the threads. What is not finished fails. */
  readonly close: () => Promise<void>;
}

export interface PrepareOptions {
  /** `blobId(plain)`, if it is known already. */
  readonly id?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts threads that prepare blobs. Close it, or the program does not end.
 *
 * @param options.threads as many as there are cores, if not given
 */
export function openBlobPool(options: { readonly key: SealKey; readonly threads?: number }): BlobPool {
  const { key, threads = Math.min(availableParallelism(), THREADS_MAX) } = options;
  const pool = new ThreadPool(key, threads);
  return {
    prepareBlob: (plain, type, { id, signal } = {}) => pool.prepare({ plain, type, id }, signal),
    close: () => pool.end(new Error('The threads that prepare blobs have been closed.')),
  };
}

class ThreadPool {
  readonly #threads: readonly BlobThread[];
  /** The oldest first. */
  readonly #waiting = new Set<AskedTask>();
  #waitingBytes = 0;
  /** Runs while less waits than makes a lot. */
  #timer: NodeJS.Timeout | undefined;
  /** Why nothing is taken any more. */
  #ended: { readonly reason: unknown } | undefined;

  constructor(key: SealKey, threads: number) {
    const onAnswer = (): void => this.#handOutLots();
    const onEnd = (reason: unknown): void => void this.end(reason);
    this.#threads = Array.from({ length: threads }, () => new BlobThread(key, { onAnswer, onEnd }));
  }

  async prepare(task: BlobTask, signal: AbortSignal | undefined): Promise<PreparedBlob> {
    signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended.reason;
    if (this.#waitingBytes > WAITING_BYTES_MAX) throw new RangeError('Too many blobs wait to be prepared.');
    const asked = { task, bytes: task.plain.length, answer: Promise.withResolvers<PreparedBlob>() };
    this.#waiting.add(asked);
    this.#waitingBytes += asked.bytes;
    this.#handOutLots();
    try {
      return await orAborted(asked.answer.promise, signal);
    } finally {
      this.#take(asked); // It still waits if the signal aborted.
    }
  }

  /** @param reason what becomes of all that is not finished, and of whatever is asked for later */
  async end(reason: unknown): Promise<void> {
    this.#ended ??= { reason };
    clearTimeout(this.#timer);
    for (const asked of this.#waiting) {
      this.#take(asked);
      asked.answer.reject(reason);
    }
    await Promise.all(this.#threads.map((thread) => thread.end(reason)));
  }

  #handOutLots(): void {
    if (this.#waitingBytes >= LOT_BYTES_MIN) this.#handOut();
    else if (this.#waiting.size > 0)
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#handOut();
      }, LOT_WAIT_MS);
  }

  #handOut(): void {
    while (this.#waiting.size > 0) {
      const thread = this.#threads.reduce((a, b) => (b.load < a.load ? b : a));
      if (thread.load >= LOTS_PER_THREAD) return;
      thread.prepare(this.#takeLot());
    }
  }

  #takeLot(): readonly AskedTask[] {
    const lot: AskedTask[] = [];
    let bytes = 0;
    for (const asked of this.#waiting) {
      bytes += asked.bytes;
      // The memory of a lot is free when all of it is stored: trees wait in their pack for much longer than data.
      const isOther = lot[0] !== undefined && lot[0].task.type !== asked.task.type;
      if (isOther || (lot.length > 0 && bytes > LOT_BYTES_MAX)) break;
      lot.push(asked);
      this.#take(asked);
    }
    return lot;
  }

  #take(asked: AskedTask): void {
    if (this.#waiting.delete(asked)) this.#waitingBytes -= asked.bytes;
  }
}
