import type { Worker } from 'node:worker_threads';
import type { ThreadShelf } from './thread-shelf.ts';

/**
 * A thread that is asked, and answers: one message for each question, in their order. Give it back, or terminate it.
 *
 * @typeParam Question what it is asked; @typeParam Answer what it says; @typeParam Note what it is told without an answer
 */
export class AskedThread<Question, Answer, Note = never> {
  readonly #shelf: ThreadShelf;
  readonly #worker: Worker;
  /** Not answered yet; the oldest first. */
  readonly #asked: PromiseWithResolvers<Answer>[] = [];
  /** Why it ended by itself, which it never should. */
  #death: { readonly reason: unknown } | undefined;

  constructor(shelf: ThreadShelf) {
    this.#shelf = shelf;
    this.#worker = shelf.take();
    this.#worker.on('message', (answer: Answer) => this.#asked.shift()?.resolve(answer));
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('messageerror', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('A thread has ended before its work was done.')));
  }

  /** How many questions wait for an answer. */
  get load(): number {
    return this.#asked.length;
  }

  /** `false` once it has ended by itself: whatever it is asked then fails. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** What it has to know. */
  tell(note: Note): void {
    this.#worker.postMessage(note);
  }

  /**
   * @param moving memory that moves to the thread
   * @throws at once what cannot be sent; later why the thread has ended
   */
  ask(question: Question, moving: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#death !== undefined) return Promise.reject(this.#death.reason);
    const asked = Promise.withResolvers<Answer>();
    this.#worker.postMessage(question, [...moving]);
    this.#asked.push(asked);
    return asked.promise;
  }

  /** For others to use, when all that it was asked is answered. @param note what it is told at last */
  async giveBack(note?: Note): Promise<void> {
    await Promise.allSettled(this.#asked.map(({ promise }) => promise));
    if (this.#death !== undefined) return;
    if (note !== undefined) this.tell(note);
    this.#shelf.giveBack(this.#worker);
  }

  /** In the middle of whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(reason: unknown): void {
    this.#death ??= { reason };
    for (const { reject } of this.#asked.splice(0)) reject(reason);
  }
}
