import type { HubEvent } from '@rootcellar/api';

/** What happened, before it is known who will hear of it. */
export interface BusEvent {
  /** Rises by one with each event. */
  readonly number: number;
  /** Of which phone: whoever may not see that does not hear of it. */
  readonly udid: string;
  /** As this person may see it; `undefined` if not at all. */
  readonly forPerson: (personID: string, isOperator: boolean) => HubEvent | undefined;
}

/** Enough for a laptop that slept through a backup; whoever missed more reads everything again. */
const KEPT_MAX = 1000;

/** The last events, and whoever listens. */
export class EventBus {
  /** A hub that starts again counts again: this tells its numbers from those of before. */
  readonly #era = Date.now().toString(36);
  readonly #kept: BusEvent[] = [];
  readonly #listeners = new Set<() => void>();
  #number = 0;

  publish(udid: string, forPerson: BusEvent['forPerson']): void {
    this.#number += 1;
    this.#kept.push({ number: this.#number, udid, forPerson });
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    this.wake();
  }

  /** Lets every listener look again, whether there is news or not: one of them may have been signed out. */
  wake(): void {
    for (const wake of this.#listeners) wake();
  }

  get lastNumber(): number {
    return this.#number;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Those after a number; `undefined` if some of them are no longer kept. */
  after(number: number): readonly BusEvent[] | undefined {
    if (number > this.#number) return undefined;
    const missed = this.#number - number;
    return missed > this.#kept.length ? undefined : this.#kept.slice(this.#kept.length - missed);
  }

  /** @param wake is called after each event @returns how to stop */
  listen(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => void this.#listeners.delete(wake);
  }

  /** For `id:` of a server-sent event. */
  idOf(number: number): string {
    return `${this.#era}-${number}`;
  }

  /** `undefined` if it is of another run of the hub, or none. */
  numberOf(id: string | undefined): number | undefined {
    const [era, number] = (id ?? '').split('-');
    if (era !== this.#era || number === undefined || !/^\d{1,15}$/.test(number)) return undefined;
    return Number(number);
  }
}
