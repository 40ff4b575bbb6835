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
  },
): Promise<Value> {
  const { timeoutMs, waitingFor, signal } = options;
  let stop = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(streamError('timed-out', { timeoutMs, waitingFor })), timeoutMs);
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
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
