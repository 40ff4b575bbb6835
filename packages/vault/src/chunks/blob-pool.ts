import { availableParallelism } from 'node:os';
import { orAborted } from '@rootcellar/core';
import type { BlobType, PreparedBlob } from './blob.ts';
import { type BlobTask, BlobThread } from './blob-thread.ts';
import type { SealKey } from './seal.ts';

/** More are limited by what reads and cuts. */
const THREADS_MAX = 8;

/** One in work, so that there is always one to go on with. */
const TASKS_PER_THREAD = 2;

/** What may wait for a thread. Who gives more has forgotten to wait for answers. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;

/** Prepares blobs on all cores. Its functions need no `this`. */
export interface BlobPool {
  /**
   * Hashes, compresses and seals. Answers come in any order; blobs are taken in the order of the calls.
   *
   * @param plain given away: its memory moves to a thread, unless it is shared with other bytes and must be copied
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

interface Waiting {
  readonly blob: BlobTask;
  readonly bytes: number;
  readonly answer: PromiseWithResolvers<PreparedBlob>;
}

class ThreadPool {
  readonly #threads: readonly BlobThread[];
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  /** Why nothing is taken any more. */
  #ended: { readonly reason: unknown } | undefined;

  constructor(key: SealKey, threads: number) {
    const onAnswer = (): void => this.#handOut();
    const onEnd = (reason: unknown): void => void this.end(reason);
    this.#threads = Array.from({ length: threads }, () => new BlobThread(key, { onAnswer, onEnd }));
  }

  async prepare(blob: BlobTask, signal: AbortSignal | undefined): Promise<PreparedBlob> {
    signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended.reason;
    if (this.#waitingBytes > WAITING_BYTES_MAX) throw new RangeError('Too many blobs wait to be prepared.');
    const waiting = { blob, bytes: blob.plain.length, answer: Promise.withResolvers<PreparedBlob>() };
    this.#waiting.add(waiting);
    this.#waitingBytes += waiting.bytes;
    this.#handOut();
    try {
      return await orAborted(waiting.answer.promise, signal);
    } finally {
      this.#take(waiting); // It still waits if the signal aborted.
    }
  }

  /** @param reason what becomes of all that is not finished, and of whatever is asked for later */
  async end(reason: unknown): Promise<void> {
    this.#ended ??= { reason };
    for (const waiting of this.#waiting) this.#take(waiting)?.answer.reject(reason);
    await Promise.all(this.#threads.map((thread) => thread.end(reason)));
  }

  #handOut(): void {
    for (const waiting of this.#waiting) {
      const thread = this.#threads.reduce((a, b) => (b.load < a.load ? b : a));
      if (thread.load >= TASKS_PER_THREAD) return;
      this.#take(waiting);
      const { blob, answer } = waiting;
      thread.prepare(blob).then(answer.resolve, answer.reject);
    }
  }

  #take(waiting: Waiting): Waiting | undefined {
    if (!this.#waiting.delete(waiting)) return undefined;
    this.#waitingBytes -= waiting.bytes;
    return waiting;
  }
}
