import { availableParallelism } from 'node:os';
import { AskedThread, freeBytes, threadShelf } from '@rootcellar/core';
import type { KeyNote } from '../chunks/blob-thread.ts';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import { type BlobToOpen, type OpenedBlobs, openAll } from './open-blob.ts';

/** The thread that asks has enough to do with what it gets. */
const THREADS_MAX = 4;

export type OpenMessage = KeyNote | OpenTask;

export interface OpenTask {
  readonly bytes: Uint8Array;
  /** Their offsets are those in `bytes`. */
  readonly blobs: readonly BlobToOpen[];
}

/** As in `OpenedBlobs`; all of them lie in one memory. */
export type OpenAnswer = OpenedBlobs['opened'];

const shelf = threadShelf(import.meta.url, 'open-worker');

/** Threads that open blobs. End them when the work is done. */
export class OpenThreads {
  readonly #key: SealKey;
  readonly #threads: readonly AskedThread<OpenTask, OpenAnswer, KeyNote>[];

  constructor(key: SealKey) {
    this.#key = key;
    const count = Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1));
    this.#threads = Array.from({ length: count }, () => new AskedThread(shelf));
    for (const thread of this.#threads) thread.tell({ key });
  }

  /** @param task its bytes are given away: their memory moves to a thread */
  async open({ bytes, blobs }: OpenTask): Promise<OpenedBlobs> {
    const [first, ...others] = this.#threads.filter(({ isAlive }) => isAlive);
    if (first === undefined) return openAll({ key: this.#key }, blobs, bytes);
    const least = others.reduce((a, b) => (b.load < a.load ? b : a), first);
    const { parts, memory } = movingBytes([bytes]);
    const opened = await least.ask({ bytes: parts[0] ?? bytes, blobs }, [memory]);
    return {
      opened,
      free: () => {
        const one = opened.find((plain) => plain !== undefined);
        if (one !== undefined) freeBytes(new Uint8Array(one.buffer));
      },
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.giveBack({ key: undefined })));
  }
}
