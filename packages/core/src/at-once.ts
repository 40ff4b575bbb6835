import { Room } from './room.ts';

/** Runs several pieces of work at a time; after one has failed it takes no more. */
export class AtOnce {
  readonly #room: Room;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#room = new Room(limit);
  }

  /** Starts the work as soon as there is room. @throws what earlier work has failed with */
  async start(work: () => Promise<void>): Promise<void> {
    await this.#room.take();
    if (this.#failure) {
      this.#room.giveBack();
      throw this.#failure.error;
    }
    const running = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(running);
        this.#room.giveBack();
      });
    this.#running.add(running);
  }

  /** Returns when nothing runs any more. @throws what work has failed with */
  async end(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure) throw this.#failure.error;
  }
}
