import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { ThreadShelf } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { IndexedBlob } from './blob-index.ts';

/** The thread that asks has enough to do with what it gets. */
const THREADS_MAX = 4;

type BlobToOpen = Pick<IndexedBlob, 'id' | 'offset' | 'length' | 'uncompressedLength'>;

/** What a thread is told: with what key it works from now on, or what to open. */
export type OpenMessage = { readonly key: SealKey | undefined } | OpenTask;

export interface OpenTask {
  readonly bytes: Uint8Array;
  /** Their offsets are those in `bytes`. */
  readonly blobs: readonly BlobToOpen[];
}

/** Of each blob its plain content, or `undefined` if it is not what was stored. */
export type OpenedBlobs = readonly (Uint8Array | undefined)[];

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './open-worker.ts' : './open-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};
const shelf = new ThreadShelf(WORKER, FROM_SOURCE);

/** Threads that open blobs. End them when the work is done. */
export class OpenThreads {
  readonly #threads: readonly OpenThread[];

  constructor(key: SealKey) {
    const count = Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1));
    this.#threads = Array.from({ length: count }, () => new OpenThread(key));
  }

  /** @param task its bytes are given away: their memory moves to a thread */
  open(task: OpenTask): Promise<OpenedBlobs> {
    return this.#threads.reduce((a, b) => (b.load < a.load ? b : a)).open(task);
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }
}

class OpenThread {
  readonly #worker: Worker;
  /** Asked for and not answered; the oldest first. */
  readonly #asked: PromiseWithResolvers<OpenedBlobs>[] = [];
  /** Why it ended by itself, which it never should. */
  #death: { readonly reason: unknown } | undefined;

  constructor(key: SealKey) {
    this.#worker = shelf.take();
    this.#worker.postMessage({ key } satisfies OpenMessage);
    this.#worker.on('message', (opened: OpenedBlobs) => this.#asked.shift()?.resolve(opened));
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('A thread that opens blobs has ended.')));
  }

  get load(): number {
    return this.#asked.length;
  }

  async open({ bytes, blobs }: OpenTask): Promise<OpenedBlobs> {
    if (this.#death !== undefined) throw this.#death.reason;
    const answer = Promise.withResolvers<OpenedBlobs>();
    const { parts, memory } = movingBytes([bytes]);
    this.#worker.postMessage({ bytes: parts[0] ?? bytes, blobs } satisfies OpenMessage, [memory]);
    this.#asked.push(answer);
    return answer.promise;
  }

  /** For others to use, when all that was asked for is answered. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#asked.map(({ promise }) => promise));
    if (this.#death !== undefined) return;
    this.#worker.postMessage({ key: undefined } satisfies OpenMessage);
    shelf.giveBack(this.#worker);
  }

  #fail(reason: unknown): void {
    this.#death ??= { reason };
    for (const { reject } of this.#asked.splice(0)) reject(reason);
  }
}
