import { AskedThread, freeBytes, threadShelf } from '@rootcellar/core';
import type { BlobType, PreparedBlob } from './blob.ts';
import { movingBytes } from './moving-bytes.ts';
import type { SealKey } from './seal.ts';

export interface BlobTask {
  readonly plain: Uint8Array;
  readonly type: BlobType;
  readonly id: string | undefined;
}

/** With what key a thread works from now on. */
export interface KeyNote {
  readonly key: SealKey | undefined;
}

export type BlobMessage = KeyNote | readonly BlobTask[];

/** In the order of the tasks. */
export type BlobAnswers = readonly ({ readonly prepared: PreparedBlob } | { readonly failure: unknown })[];

/** Who is told what became of a task. */
export interface AskedTask {
  readonly task: BlobTask;
  /** Of its plain bytes, when it was asked for. */
  readonly bytes: number;
  readonly answer: PromiseWithResolvers<PreparedBlob>;
}

const shelf = threadShelf(import.meta.url, 'blob-worker');

/** One thread that prepares blobs in the order in which they are given. */
export class BlobThread {
  readonly #thread: AskedThread<readonly BlobTask[], BlobAnswers, KeyNote> = new AskedThread(shelf);
  readonly #events: ThreadEvents;
  /** Given, not answered. */
  readonly #open = new Set<readonly AskedTask[]>();
  #ended: Promise<void> | undefined;

  constructor(key: SealKey, events: ThreadEvents) {
    this.#events = events;
    this.#thread.tell({ key });
  }

  /** How many lots of tasks are in work or wait for it. */
  get load(): number {
    return this.#thread.load;
  }

  /** Gives the thread a lot of tasks: sending one takes a thread as long as preparing a small blob. */
  prepare(asked: readonly AskedTask[]): void {
    this.#open.add(asked);
    this.#answersTo(asked)
      .then(
        (answers) => settle(asked, answers),
        (reason: unknown) => {
          for (const { answer } of asked) answer.reject(reason);
        },
      )
      .finally(() => {
        this.#open.delete(asked);
        this.#events.onAnswer();
      });
  }

  /** Gives the thread up, for others to use. @param reason what becomes of tasks that are not finished */
  end(reason: unknown): Promise<void> {
    for (const { answer } of [...this.#open].flat()) answer.reject(reason);
    const ended = this.#ended ?? this.#thread.giveBack({ key: undefined });
    this.#ended = ended;
    return ended;
  }

  async #answersTo(asked: readonly AskedTask[]): Promise<BlobAnswers> {
    const { parts, memory } = movingBytes(asked.map(({ task }) => task.plain));
    const tasks = asked.map(({ task: { type, id, plain } }, at) => ({ type, id, plain: parts[at] ?? plain }));
    const answers = this.#thread.ask(tasks, [memory]);
    answers.catch(this.#events.onEnd);
    return answers;
  }
}

function settle(asked: readonly AskedTask[], answers: BlobAnswers): void {
  const release = releaseOf(answers);
  for (const [at, { answer }] of asked.entries()) {
    const given = answers[at];
    if (given !== undefined && 'prepared' in given) answer.resolve({ ...given.prepared, release });
    else answer.reject(given?.failure);
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
