import type { ByteChannel, Clock } from '@rootcellar/core';
import { deviceLinkError } from '../errors.ts';

const MINUTE_MS = 60_000;

/**
 * Healthy phones were silent for 19 minutes, so this is no receive time-out but the point where hope
 * ends. Source: observed §3 and its correction of device-protocols §8.2.
 */
const GIVE_UP_AFTER_MINUTES = 30;
const MENTION_AFTER_MINUTES = 10;

/** After a cancel: what is in the air may take this long to end. Source: observed §1.6 (13 s seen). */
const CANCEL_WITHIN_MS = 15_000;

/**
 * Closes a channel on which nothing has happened for half an hour, and one whose job was cancelled but
 * does not come to an end.
 *
 * @param options.activity grows with whatever goes over the wire, in either direction: a phone that takes
 *   a film of 60 GB says nothing meanwhile
 * @param options.isOurTurn true while we work and the phone has every reason to be silent
 * @returns how to stop watching
 */
export function watchForSilence(
  channel: ByteChannel,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
    readonly onSilence: (() => void) | undefined;
    readonly activity: () => number;
    readonly isOurTurn: () => boolean;
  },
): () => void {
  const { clock, signal, onSilence, activity, isOurTurn } = options;
  const stopped = new AbortController();

  async function watchArrivals(): Promise<void> {
    let seen = activity();
    let silentMinutes = 0;
    while (!stopped.signal.aborted) {
      await clock.sleep(MINUTE_MS, stopped.signal);
      silentMinutes = activity() === seen && !isOurTurn() ? silentMinutes + 1 : 0;
      seen = activity();
      if (silentMinutes === MENTION_AFTER_MINUTES) onSilence?.();
      if (silentMinutes >= GIVE_UP_AFTER_MINUTES && !stopped.signal.aborted) {
        channel.destroy(deviceLinkError('silent', { minutes: silentMinutes }));
      }
    }
  }

  async function endAfterCancel(): Promise<void> {
    await clock.sleep(CANCEL_WITHIN_MS, stopped.signal);
    if (!stopped.signal.aborted) channel.destroy(deviceLinkError('ended'));
  }

  const onAbort = () => void endAfterCancel();
  void watchArrivals();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    stopped.abort();
    signal?.removeEventListener('abort', onAbort);
  };
}
