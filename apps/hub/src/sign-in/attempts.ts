import type { Clock } from '@rootcellar/core';
import { hubError } from '../errors.ts';

/** Wrong attempts that are free. */
const FREE_ATTEMPTS = 5;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/** After so long without another, they are forgotten. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000;

/** Whom we remember: names and addresses can be made up without end. */
const KEYS_MAX = 10_000;

interface Failures {
  readonly count: number;
  readonly waitUntilMs: number;
  readonly lastMs: number;
}

/**
 * Slows down who guesses: after five wrong attempts each further one costs twice the wait of the last. Counted for each
 * name, so that many addresses do not help, and for each address, so that many names do not.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts an attempt as failed before it is made, so that a thousand at once are a thousand; `succeeded` takes it back.
   * @throws `hub.too-many-attempts`
   */
  begin(keys: readonly string[]): void {
    const now = this.#clock.now().getTime();
    const waitUntilMs = Math.max(0, ...keys.map((key) => this.#failures.get(key)?.waitUntilMs ?? 0));
    if (waitUntilMs > now) {
      throw hubError('too-many-attempts', { waitSeconds: Math.ceil((waitUntilMs - now) / 1000) });
    }
    for (const key of keys) this.#count(key, now);
  }

  succeeded(keys: readonly string[]): void {
    for (const key of keys) this.#failures.delete(key);
  }

  #count(key: string, now: number): void {
    const before = this.#failures.get(key);
    const isRecent = before !== undefined && now - before.lastMs < FORGOTTEN_AFTER_MS;
    const count = (isRecent ? before.count : 0) + 1;
    const extra = count - FREE_ATTEMPTS;
    const waitMs = extra < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(extra, 10));
    this.#failures.delete(key);
    this.#failures.set(key, { count, waitUntilMs: waitMs === 0 ? 0 : now + waitMs, lastMs: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > KEYS_MAX && oldest !== undefined) this.#failures.delete(oldest);
  }
}
