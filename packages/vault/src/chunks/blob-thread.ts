import { Worker } from 'node:worker_threads';
import type { BlobType, PreparedBlob } from './blob.ts';
import type { SealKey } from './seal.ts';

export interface BlobTask {
  readonly plain: Uint8Array;
  readonly type: BlobType;
  readonly id: string | undefined;
}

export type BlobAnswer = { readonly prepared: PreparedBlob } | { readonly failure: unknown };

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './blob-worker.ts' : './blob-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};

/** One thread that prepares blobs in the order in which they are given. */
export class BlobThread {
  readonly #worker: Worker;
  /** Given, not answered; the oldest first. */
  readonly #open: PromiseWithResolvers<PreparedBlob>[] = [];

  /** @param onEnd the thread has ended by itself, which it never should */
  constructor(key: SealKey, { onAnswer, onEnd }: ThreadEvents) {
    this.#worker = new Worker(WORKER, { workerData: key, ...FROM_SOURCE });
    this.#worker.on('message', (answer: BlobAnswer) => {
      const task = this.#open.shift();
      if ('prepared' in answer) task?.resolve(answer.prepared);
      else task?.reject(answer.failure);
      onAnswer();
    });
    this.#worker.once('error', onEnd);
    this.#worker.once('exit', () => onEnd(new Error('A thread that prepares blobs has ended.')));
  }

  /** How many tasks are in work or wait for it. */
  get load(): number {
    return this.#open.length;
  }

  /** @throws also if the memory has moved to a thread before: an empty blob would take its place */
  async prepare(task: BlobTask): Promise<PreparedBlob> {
    const plain = withOwnMemory(task.plain);
    this.#worker.postMessage({ ...task, plain }, [plain.buffer]);
    const answer = Promise.withResolvers<PreparedBlob>();
    this.#open.push(answer);
    return await answer.promise;
  }

  /** Ends the thread. @param reason what becomes of tasks that are not finished */
  async end(reason: unknown): Promise<void> {
    for (const { reject } of this.#open.splice(0)) reject(reason);
    await this.#worker.terminate();
  }
}

export interface ThreadEvents {
  readonly onAnswer: () => void;
  readonly onEnd: (reason: unknown) => void;
}

/** Memory that is shared with other bytes cannot move to another thread. */
function withOwnMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return isAlone ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}
