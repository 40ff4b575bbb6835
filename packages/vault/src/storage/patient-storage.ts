import { type Clock, KnownError, type Random, systemClock } from '@rootcellar/core';
import { storageError } from '../errors.ts';
import {
  type CallOptions,
  joinedBytes,
  type Storage,
  type StoredFile,
  type StoredFolder,
} from './storage.ts';

export interface PatienceOptions {
  /** Attempts at one call, the first included. Default 6: half a minute with the default pauses. */
  readonly attemptsMax?: number;
  /** The pause after the first attempt; each is twice as long as the one before. Default 1 second. */
  readonly firstPauseMs?: number;
  /** No pause is longer. Default 30 seconds. */
  readonly pauseMsMax?: number;
  /** How long one attempt may take. Default 5 minutes: a pack over a line of half a Mbit/s. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Spreads pauses, so that many clients do not come back at the same moment. Default: real chance. */
  readonly random?: Pick<Random, 'fraction'>;
}

/**
 * A storage that gives up late: each call has a time limit and is made again, after growing pauses, when its error
 * says `retry: 'now'`.
 *
 * All calls can be repeated without harm, but for one: a `config` that was stored although its call failed. The
 * attempt that then finds it compares the bytes.
 */
export function patientStorage(storage: Storage, options: PatienceOptions = {}): Storage {
  const patiently = <Value>(call: CallOptions | undefined, work: (call: CallOptions) => Promise<Value>) =>
    repeat(options, call?.signal, work);
  return {
    put(name, parts, call) {
      // An attempt that was given up may go on reading when the caller has its memory back: it has a copy.
      const bytes = joinedBytes(parts);
      let attempts = 0;
      return patiently(call, async (limited) => {
        attempts += 1;
        try {
          await storage.put(name, bytes, limited);
        } catch (error) {
          const mayBeOurs = attempts > 1 && storageError.matches(error, 'exists');
          if (!mayBeOurs) throw error;
          const there = await storage.get(name, undefined, limited);
          if (Buffer.compare(there, bytes) !== 0) throw error;
        }
      });
    },
    get: (name, range, call) => patiently(call, (limited) => storage.get(name, range, limited)),
    stat: (name, call) => patiently(call, (limited) => storage.stat(name, limited)),
    async *list(folder: StoredFolder, call?: CallOptions): AsyncIterable<StoredFile> {
      // A list that breaks off in its middle begins anew, so it is given out only when it is whole.
      yield* await patiently(call, (limited) => Array.fromAsync(storage.list(folder, limited)));
    },
    delete: (name, call) => patiently(call, (limited) => storage.delete(name, limited)),
    close: () => storage.close(),
  };
}

async function repeat<Value>(
  options: PatienceOptions,
  signal: AbortSignal | undefined,
  work: (call: CallOptions) => Promise<Value>,
): Promise<Value> {
  const { attemptsMax = 6, firstPauseMs = 1000, pauseMsMax = 30_000, clock = systemClock } = options;
  const { fraction } = options.random ?? { fraction: Math.random };
  let pauseMs = firstPauseMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTime(options, signal, work);
    } catch (error) {
      signal?.throwIfAborted();
      const isWorthIt = error instanceof KnownError && error.retry === 'now';
      if (!isWorthIt || attempt >= attemptsMax) throw error;
    }
    await clock.sleep(pauseMs * (0.5 + fraction() / 2), signal);
    signal?.throwIfAborted();
    pauseMs = Math.min(pauseMsMax, pauseMs * 2);
  }
}

/** @throws `storage.timed-out` */
async function inTime<Value>(
  { timeoutMs = 5 * 60_000, clock = systemClock }: PatienceOptions,
  signal: AbortSignal | undefined,
  work: (call: CallOptions) => Promise<Value>,
): Promise<Value> {
  const tooLate = new AbortController();
  const settled = new AbortController();
  const limit = clock.sleep(timeoutMs, settled.signal).then(() => {
    if (!settled.signal.aborted) tooLate.abort(storageError('timed-out', { timeoutMs }));
  });
  const either = signal ? AbortSignal.any([signal, tooLate.signal]) : tooLate.signal;
  const aborted = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason), { once: true });
  });
  aborted.catch(() => {});
  try {
    either.throwIfAborted();
    const working = work({ signal: either });
    working.catch(() => {});
    return await Promise.race([working, aborted]);
  } finally {
    settled.abort('settled');
    void limit;
  }
}
