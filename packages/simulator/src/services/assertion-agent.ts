import { asDict, asInteger, asString, type PlistDict, PlistReal, type PlistValue } from '@rootcellar/codecs';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** What keeps a phone awake. Source: pymobiledevice3, `services/power_assertion.py`; go-ios, its assertion agent. */
const TYPES: readonly (string | undefined)[] = [
  'AMDPowerAssertionTypeWirelessSync',
  'PreventSystemSleep',
  'PreventUserIdleSystemSleep',
];

/**
 * Keeps the phone awake while a computer works with it: an assertion holds for its time, or until the
 * connection closes. Our phones never sleep, so there is nothing to hold.
 *
 * Source: clients as above. Unknown: what stands in the answer of a phone; no client looks into it.
 */
export function assertionAgent(): Service {
  return { name: 'com.apple.mobile.assertion_agent', serve };
}

async function serve({ channel }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  for (;;) {
    const message = await messages.receive();
    if (!message) return;
    await messages.send(answer(asDict(message.value) ?? {}), message.form);
  }
}

function answer(request: PlistDict): PlistDict {
  const isComplete =
    request['CommandKey'] === 'CommandCreateAssertion' &&
    TYPES.includes(asString(request['AssertionTypeKey'])) &&
    asString(request['AssertionNameKey']) !== undefined &&
    isSeconds(request['AssertionTimeoutKey']);
  return isComplete ? {} : { Error: 'InvalidRequest' };
}

function isSeconds(value: PlistValue | undefined): boolean {
  const seconds = value instanceof PlistReal ? value.value : asInteger(value);
  return seconds !== undefined && seconds > 0;
}
