import { asDict, asString } from '@rootcellar/codecs';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** Source: observed, section 6: about every 10 s. */
const INTERVAL_S = 10;

/**
 * Says Marco and wants to hear Polo: each question is asked an interval after the last answer.
 *
 * Over USB nothing depends on it; over the network everything does.
 * Source: device-protocols, section 5.4.
 */
export function heartbeat(): Service {
  return { name: 'com.apple.mobile.heartbeat', serve };
}

async function serve({ phone, channel, signal, beat }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  for (;;) {
    await messages.send({ Command: 'Marco', Interval: INTERVAL_S, SupportsSleepyTime: true }, 'binary');
    const answer = await messages.receive();
    if (asString(asDict(answer?.value)?.['Command']) !== 'Polo') return;
    beat?.();
    await phone.clock.sleep(INTERVAL_S * 1000, signal);
    if (signal.aborted || channel.closed) return;
  }
}
