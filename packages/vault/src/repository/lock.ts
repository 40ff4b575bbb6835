import { type Clock, type KnownError, minuteWords, systemClock } from '@rootcellar/core';
import { storageError, vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import { encodeLock, isStale, type LockRecord, parseLock, STALE_MS } from './lock-record.ts';
import { isDamagedRecord, loadRecord, type RecordPlace, saveRecord } from './unpacked.ts';

export interface LockOptions extends CallOptions {
  /** Nobody else may read or write meanwhile. Only who deletes packs or index files needs that. */
  readonly exclusive?: boolean;
  readonly clock?: Clock | undefined;
  /** How long to wait for others to finish. Default: not at all. */
  readonly patienceMs?: number;
}

export interface Lock {
  /**
   * Asks the storage whether the lock is still there. Before a snapshot is written: without a lock its packs
   * could have been deleted by who saw no lock.
   * @throws `vault.lock-lost`
   */
  requireHeld(): Promise<void>;
  /** Aborts when the lock is lost, or with the signal that was given. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** Any program may have written it, and it is shown to people. */
const HOST_CHARACTERS_MAX = 64;

/** Whoever wrote a lock at the same moment is seen after this time. Source: restic's own wait. */
const SETTLE_MS = 200;

const REFRESH_MS = 5 * 60_000;

/** After a refresh that failed. */
const REFRESH_AGAIN_MS = 60_000;

/** Between attempts to get a lock that others hold. */
const TRY_AGAIN_MS = 5_000;

/** Does `work` with the vault locked. @throws `vault.locked`, `vault.lock-lost`, what `work` throws */
export async function withLock<Value>(
  place: RecordPlace,
  options: LockOptions,
  work: (lock: Lock) => Promise<Value>,
): Promise<Value> {
  const lock = await takeLock(place, options);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/**
 * Locks the vault: against exclusive locks, or against all others. Locks that were left behind are removed.
 *
 * @throws `vault.locked`
 */
export async function takeLock(place: RecordPlace, options: LockOptions = {}): Promise<Lock> {
  const { clock = systemClock, patienceMs = 0, signal } = options;
  const untilMs = clock.now().getTime() + patienceMs;
  for (;;) {
    try {
      return await tryLock(place, options);
    } catch (error) {
      if (!vaultError.matches(error, 'locked') || clock.now().getTime() >= untilMs) throw error;
    }
    await clock.sleep(TRY_AGAIN_MS, signal);
    signal?.throwIfAborted();
  }
}

async function tryLock(place: RecordPlace, options: LockOptions): Promise<Lock> {
  const { clock = systemClock, exclusive = false, signal } = options;
  await requireNoConflict(place, { exclusive, clock, signal });
  const save = () =>
    saveRecord(place, 'locks', encodeLock({ time: clock.now(), isExclusive: exclusive }), { signal });
  const id = await save();
  try {
    await clock.sleep(SETTLE_MS, signal);
    signal?.throwIfAborted();
    await requireNoConflict(place, { exclusive, clock, signal, ownID: id });
  } catch (error) {
    await place.storage.delete(`locks/${id}`).catch(() => {});
    throw error;
  }
  return new HeldLock({ place, id, save, clock, signal });
}

interface Conflict extends CallOptions {
  readonly exclusive: boolean;
  readonly clock: Clock;
  readonly ownID?: string;
}

async function requireNoConflict(
  place: RecordPlace,
  { exclusive, clock, signal, ownID }: Conflict,
): Promise<void> {
  for await (const { id } of place.storage.list('locks', { signal })) {
    if (id === ownID) continue;
    const lock = await loadLock(place, id, { signal });
    if (lock === 'gone') continue;
    if (lock !== 'damaged' && isStale(lock, clock.now())) {
      await place.storage.delete(`locks/${id}`, { signal }).catch(unlessNotPermitted);
      continue;
    }
    // A lock that cannot be read may be an exclusive one, but would keep everybody out for ever.
    if (exclusive || (lock !== 'damaged' && lock.isExclusive)) throw lockedBy(lock);
  }
}

function lockedBy(lock: LockRecord | 'damaged'): KnownError {
  if (lock === 'damaged') return vaultError('locked');
  const host = lock.hostname.slice(0, HOST_CHARACTERS_MAX).replace(/[^\w.-]/g, '?');
  return vaultError('locked', { pid: lock.pid, host, since: minuteWords(lock.time) });
}

async function loadLock(place: RecordPlace, id: string, call: CallOptions) {
  try {
    return parseLock(await loadRecord(place, 'locks', id, call)) ?? 'damaged';
  } catch (error) {
    if (storageError.matches(error, 'not-found')) return 'gone';
    if (isDamagedRecord(error)) return 'damaged';
    throw error;
  }
}

/**
 * Removes locks that were left behind, or all of them: also those that cannot be read.
 *
 * @returns how many
 */
export async function removeLocks(
  place: RecordPlace,
  { all = false, clock = systemClock }: { readonly all?: boolean; readonly clock?: Clock } = {},
): Promise<number> {
  let removed = 0;
  for await (const { id } of place.storage.list('locks')) {
    const lock = all ? 'damaged' : await loadLock(place, id, {});
    const isInUse = lock === 'gone' || (!all && (lock === 'damaged' || !isStale(lock, clock.now())));
    if (isInUse) continue;
    await place.storage.delete(`locks/${id}`);
    removed += 1;
  }
  return removed;
}

interface Held extends CallOptions {
  readonly place: RecordPlace;
  readonly id: string;
  readonly save: () => Promise<string>;
  readonly clock: Clock;
}

class HeldLock implements Lock {
  readonly signal: AbortSignal;
  readonly #held: Held;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #refreshing: Promise<void>;
  #id: string;
  #refreshedAtMs: number;

  constructor(held: Held) {
    this.#held = held;
    this.#id = held.id;
    this.#refreshedAtMs = held.clock.now().getTime();
    this.signal = held.signal ? AbortSignal.any([held.signal, this.#lost.signal]) : this.#lost.signal;
    this.#refreshing = this.#keepFresh();
  }

  async requireHeld(): Promise<void> {
    this.#lost.signal.throwIfAborted();
    const { place, clock } = this.#held;
    const isThere = (await place.storage.stat(`locks/${this.#id}`, { signal: this.signal })) !== undefined;
    const isFresh = clock.now().getTime() - this.#refreshedAtMs < STALE_MS;
    if (!isThere || !isFresh) throw vaultError('lock-lost');
  }

  async release(): Promise<void> {
    this.#released.abort('released');
    await this.#refreshing;
    // One that stays is stale in half an hour.
    await this.#held.place.storage.delete(`locks/${this.#id}`).catch(() => {});
  }

  async #keepFresh(): Promise<void> {
    const { clock } = this.#held;
    let waitMs = REFRESH_MS;
    for (;;) {
      await clock.sleep(waitMs, this.#released.signal);
      if (this.#released.signal.aborted) return;
      const isFresh = await this.#refresh().catch(() => false);
      waitMs = isFresh ? REFRESH_MS : REFRESH_AGAIN_MS;
      const ageMs = clock.now().getTime() - this.#refreshedAtMs;
      if (ageMs <= STALE_MS - REFRESH_MS) continue;
      this.#lost.abort(vaultError('lock-lost'));
      return;
    }
  }

  /** The new lock first, so that there is no moment without one. */
  async #refresh(): Promise<boolean> {
    const { place, save, clock } = this.#held;
    const nowMs = clock.now().getTime();
    const old = this.#id;
    // Somebody removed it: from then on they may have deleted what we rely on.
    if ((await place.storage.stat(`locks/${old}`)) === undefined) {
      this.#lost.abort(vaultError('lock-lost'));
      return false;
    }
    this.#id = await save();
    this.#refreshedAtMs = nowMs;
    await place.storage.delete(`locks/${old}`).catch(() => {});
    return true;
  }
}

function unlessNotPermitted(error: unknown): void {
  if (!storageError.matches(error, 'not-permitted')) throw error;
}
