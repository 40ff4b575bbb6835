import { asDict, asInteger, asString, type PlistValue } from '@rootcellar/codecs';
import { type ByteChannel, type Clock, type KnownError, systemClock } from '@rootcellar/core';
import { plistStream } from '../../plist-stream.ts';
import { heartbeatError } from '../errors.ts';

export const HEARTBEAT_SERVICE = 'com.apple.mobile.heartbeat';

/** Before a device has said how often it asks. Source: observed §6 (about every 10 s). */
const INTERVAL_S = 10;

/** Our limit: a device that asked less often would have been given up long before. */
const INTERVAL_S_MAX = 600;

/** How late a question may be. Source: device-protocols §5.4 (idevice waits as long). */
const SLACK_MS = 5_000;

/** Gaps of some seconds heal by themselves. Source: observed §6 (4 s recovers, 10 s is fatal). */
const RECONNECT_AFTER_MS = 1_000;

/** Connections in a row on which nothing is asked before the device counts as lost. */
const FAILURES_MAX = 2;

/**
 * Answers a device that asks over the network whether we are still there. It closes our other services when
 * it hears nothing; over USB it does not care.
 *
 * If the connection breaks it is opened again; `onLost` is called once when that does not help.
 *
 * @param options.open opens a connection to `HEARTBEAT_SERVICE`
 * @returns how to stop
 *
 * Source: device-protocols §5.4.
 */
export function keepHeartbeat(options: {
  readonly open: () => Promise<ByteChannel>;
  readonly onLost: (error: KnownError) => void;
  readonly clock?: Clock;
}): () => void {
  const { open, onLost, clock = systemClock } = options;
  const stopped = new AbortController();
  const { signal } = stopped;

  async function keep(): Promise<void> {
    let cause: unknown;
    for (let failures = 0; failures < FAILURES_MAX; failures += 1) {
      try {
        await answerQuestions(await open(), { clock, signal, onQuestion: () => (failures = 0) });
      } catch (error) {
        cause = error;
      }
      await clock.sleep(RECONNECT_AFTER_MS, signal);
      if (signal.aborted) return;
    }
    onLost(heartbeatError('lost', {}, cause));
  }

  void keep();
  return () => stopped.abort('stopped');
}

/** Until the device hangs up or `signal` aborts. @throws `stream.timed-out` when it stops asking, `plist.*` … */
async function answerQuestions(
  channel: ByteChannel,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly onQuestion: () => void },
): Promise<void> {
  const { clock, signal, onQuestion } = options;
  const stream = plistStream(channel);
  let intervalS = INTERVAL_S;
  try {
    for (;;) {
      const message = await stream.receive({
        timeoutMs: intervalS * 1000 + SLACK_MS,
        waitingFor: 'the heartbeat of the iPhone',
        signal,
        clock,
      });
      if (message === undefined) return;
      // Whatever else it says – SleepyTime, that it is about to sleep – wants no answer.
      if (asString(asDict(message)?.['Command']) !== 'Marco') continue;
      intervalS = intervalOf(message);
      await stream.send({ Command: 'Polo' });
      onQuestion();
    }
  } finally {
    channel.destroy();
  }
}

function intervalOf(message: PlistValue): number {
  const seconds = asInteger(asDict(message)?.['Interval']);
  return typeof seconds === 'number' && seconds > 0 && seconds <= INTERVAL_S_MAX ? seconds : INTERVAL_S;
}
