import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { IndexedBlob } from './blob-index.ts';

/** The thread that asks has enough to do with what it gets. */
const THREADS_MAX = 4;

type BlobToOpen = Pick<IndexedBlob, 'id' | 'offset' | 'length' | 'uncompressedLength'>;

/** Sent to a thread. */
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

/** Threads that open blobs. End them, or the program does not end. */
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

  constructor(key: SealKey) {
    this.#worker = new Worker(WORKER, { workerData: key, ...FROM_SOURCE });
    this.#worker.on('message', (opened: OpenedBlobs) => this.#asked.shift()?.resolve(opened));
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('A thread that opens blobs has ended.')));
  }

  get load(): number {
    return this.#asked.length;
  }

  open({ bytes, blobs }: OpenTask): Promise<OpenedBlobs> {
    const answer = Promise.withResolvers<OpenedBlobs>();
    const { parts, memory } = movingBytes([bytes]);
    this.#worker.postMessage({ bytes: parts[0], blobs }, [memory]);
    this.#asked.push(answer);
    return answer.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(reason: unknown): void {
    for (const { reject } of this.#asked.splice(0)) reject(reason);
  }
}
