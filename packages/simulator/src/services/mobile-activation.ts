import { asDict, asString, type PlistDict } from '@rootcellar/codecs';
import type { Phone } from '../phone/phone.ts';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** What needs Apple's servers, which our phones cannot reach. Source: device-protocols, section 9.7. */
const NEEDS_NETWORK: readonly (string | undefined)[] = [
  'CreateTunnel1ActivationInfoRequest',
  'CreateTunnel1SessionInfoRequest',
  'DeactivateRequest',
  'HandleActivationInfoRequest',
  'HandleActivationInfoWithSessionRequest',
];

/**
 * Tells whether the phone is activated; one command for each connection.
 *
 * Source: device-protocols, section 9.7; libimobiledevice, `src/mobileactivation.c`, which takes any `Error` text
 * for a refusal. Unknown: the texts that phones send.
 */
export function mobileActivation(): Service {
  return { name: 'com.apple.mobileactivationd', serve };
}

async function serve({ phone, channel }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  const message = await messages.receive();
  if (message) await messages.send(answer(asDict(message.value) ?? {}, phone), message.form);
}

function answer(request: PlistDict, { condition }: Phone): PlistDict {
  const command = asString(request['Command']);
  if (command === 'GetActivationStateRequest') {
    return { Value: condition.setUp ? 'Activated' : 'Unactivated' };
  }
  return { Error: NEEDS_NETWORK.includes(command) ? 'The phone has no network.' : 'Unknown command.' };
}
