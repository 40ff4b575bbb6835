import { type Clock, systemClock } from './clock.ts';
import { streamError } from './errors.ts';

/**
 * Waits for `work`, but not for ever.
 *
 * @param options.waitingFor in our own words, for the error's details: "a lockdown answer"
 * @throws `stream.timed-out` after `timeoutMs`; the reason of `signal` when it aborts
 */
export async function withTimeout<Value>(
  work: Promise<Value>,
  options: {
    readonly timeoutMs: number;
    readonly waitingFor: string;
    readonly signal?: AbortSignal | undefined;
    readonly clock?: Clock | undefined;
  },
): Promise<Value> {
  const { timeoutMs, waitingFor, signal, clock = systemClock } = options;
  let stop = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    const settled = new AbortController();
    void clock.sleep(timeoutMs, settled.signal).then(() => {
      if (!settled.signal.aborted) reject(streamError('timed-out', { timeoutMs, waitingFor }));
    });
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      settled.abort('settled'); // A reason that costs nothing: the default one takes a stack trace.
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) onAbort();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    stop();
    work.catch(() => {});
  }
}

/**
 * Waits for `work` until `signal` aborts. The work itself goes on: whoever started it must end it.
 *
 * @throws the reason of `signal`
 */
export async function orAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop();
    work.catch(() => {});
  }
}
