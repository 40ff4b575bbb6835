import type { Worker } from 'node:worker_threads';
import { freeBytes, ThreadShelf } from '@rootcellar/core';
import type { BlobType, PreparedBlob } from './blob.ts';
import { movingBytes } from './moving-bytes.ts';
import type { SealKey } from './seal.ts';

export interface BlobTask {
  readonly plain: Uint8Array;
  readonly type: BlobType;
  readonly id: string | undefined;
}

/** What a thread is told: with what key it works from now on, or what to prepare. */
export type BlobMessage = { readonly key: SealKey | undefined } | readonly BlobTask[];

/** In the order of the tasks. */
export type BlobAnswers = readonly ({ readonly prepared: PreparedBlob } | { readonly failure: unknown })[];

/** Who is told what became of a task. */
export interface AskedTask {
  readonly task: BlobTask;
  /** Of its plain bytes, when it was asked for. */
  readonly bytes: number;
  readonly answer: PromiseWithResolvers<PreparedBlob>;
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './blob-worker.ts' : './blob-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};
const shelf = new ThreadShelf(WORKER, FROM_SOURCE);

/** One thread that prepares blobs in the order in which they are given. */
export class BlobThread {
  readonly #worker: Worker;
  /** Given, not answered; the oldest first. */
  readonly #open: (readonly AskedTask[])[] = [];
  readonly #idle = Promise.withResolvers<void>();
  #hasEnded = false;
  /** By itself, which it never should. */
  #isDead = false;

  constructor(key: SealKey, { onAnswer, onEnd }: ThreadEvents) {
    this.#worker = shelf.take();
    this.#worker.postMessage({ key } satisfies BlobMessage);
    this.#worker.on('message', (answers: BlobAnswers) => {
      const asked = this.#open.shift() ?? [];
      const release = releaseOf(answers);
      for (const [at, { answer }] of asked.entries()) {
        const given = answers[at];
        if (given !== undefined && 'prepared' in given) answer.resolve({ ...given.prepared, release });
        else answer.reject(given?.failure);
      }
      if (this.#hasEnded && this.#open.length === 0) this.#idle.resolve();
      onAnswer();
    });
    const onDeath = (reason: unknown): void => {
      this.#isDead = true;
      this.#idle.resolve();
      onEnd(reason);
    };
    this.#worker.once('error', onDeath);
    this.#worker.once('exit', () => onDeath(new Error('A thread that prepares blobs has ended.')));
  }

  /** How many lots of tasks are in work or wait for it. */
  get load(): number {
    return this.#open.length;
  }

  /** Gives the thread a lot of tasks: sending one takes a thread as long as preparing a small blob. */
  prepare(asked: readonly AskedTask[]): void {
    try {
      const { parts, memory } = movingBytes(asked.map(({ task }) => task.plain));
      const tasks = asked.map(({ task: { type, id } }, at) => ({ type, id, plain: parts[at] }));
      this.#worker.postMessage(tasks, [memory]);
      this.#open.push(asked);
    } catch (error) {
      for (const { answer } of asked) answer.reject(error);
    }
  }

  /** Gives the thread up, for others to use. @param reason what becomes of tasks that are not finished */
  async end(reason: unknown): Promise<void> {
    for (const { answer } of this.#open.flat()) answer.reject(reason);
    if (this.#hasEnded) return this.#idle.promise;
    this.#hasEnded = true;
    if (this.#open.length > 0) await this.#idle.promise;
    else this.#idle.resolve();
    if (this.#isDead) return;
    this.#worker.postMessage({ key: undefined } satisfies BlobMessage);
    shelf.giveBack(this.#worker);
  }
}

/** What a lot was answered with shares its memory, which is free when nobody needs any of it. */
function releaseOf(answers: BlobAnswers): () => void {
  const sealed = answers.flatMap((each) => ('prepared' in each ? [each.prepared.sealed] : []));
  let inUse = sealed.length;
  return () => {
    inUse -= 1;
    const [any] = sealed;
    if (inUse === 0 && any !== undefined) freeBytes(new Uint8Array(any.buffer));
  };
}

export interface ThreadEvents {
  readonly onAnswer: () => void;
  /** The thread has ended by itself, which it never should. */
  readonly onEnd: (reason: unknown) => void;
}
