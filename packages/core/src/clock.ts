/** Where time comes from. Passed in, so that three minutes can pass in a test at once. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts.  */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/**
 * A clock that stands still until told to move.
 *
 * @example
 * const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
 * const waited = clock.sleep(180_000);
 * clock.advance(180_000); // `waited` resolves
 */
export function manualClock(start: Date): Clock & { advance(ms: number): void } {
  let nowMs = start.getTime();
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    now: () => new Date(nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          untilMs: nowMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      }),
    advance: (ms) => {
      nowMs += ms;
      for (const sleeper of [...sleepers]) if (sleeper.untilMs <= nowMs) sleeper.wake();
    },
  };
}
