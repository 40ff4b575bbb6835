import type { HubEvent } from '@rootcellar/api';

/** What happened, before it is known who will hear of it. */
export interface BusEvent {
  /** Rises by one with each event. */
  readonly number: number;
  /** Of which phone: whoever may not see that does not hear of it. */
  readonly udid: string;
  /** As this person may see it, when the first of their pages reads it; `undefined` if not at all. */
  readonly forPerson: (personID: string, isOperator: boolean) => HubEvent | undefined;
}

/** Enough for a laptop that slept through a backup; whoever missed more reads everything again. */
const KEPT_MAX = 1000;

/** A page that listens. */
export interface Listener {
  readonly personID: string;
  readonly sessionID: string;
  /** Called after each event, and when it is sent away. */
  wake(): void;
}

/** The last events, and whoever listens. */
export class EventBus {
  /** A hub that starts again counts again: this tells its numbers from those of before. */
  readonly #era = Date.now().toString(36);
  readonly #kept: BusEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #number = 0;

  publish(udid: string, forPerson: BusEvent['forPerson']): void {
    this.#number += 1;
    this.#kept.push({ number: this.#number, udid, forPerson: once(forPerson) });
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    for (const listener of this.#listeners) listener.wake();
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

  /** @returns how to stop */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  isListening(listener: Listener): boolean {
    return this.#listeners.has(listener);
  }

  /** Sends listeners away whose session is over. */
  dismiss(isOver: (listener: Listener) => boolean): void {
    for (const listener of [...this.#listeners].filter(isOver)) {
      this.#listeners.delete(listener);
      listener.wake();
    }
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

/** Two hundred pages of one person hear the same: it is put together for the first of them. */
function once(forPerson: BusEvent['forPerson']): BusEvent['forPerson'] {
  const told = new Map<string, HubEvent | undefined>();
  return (personID, isOperator) => {
    const key = `${personID} ${isOperator}`;
    if (!told.has(key)) told.set(key, forPerson(personID, isOperator));
    return told.get(key);
  };
}
