import { asDict, asString } from '@rootcellar/codecs';
import { plistChannel } from '../wire/plist-channel.ts';
import type { Service, ServiceContext } from './service.ts';

/** Our limits: clients observe a dozen names of about 50 characters. */
const OBSERVED_MAX = 1000;
const NAME_CHARACTERS_MAX = 1024;

/** Relays that wait for a client that does not read. Our limit. */
const RELAYS_WAITING_MAX = 1000;

/**
 * Posts and relays Darwin notifications.
 *
 * @param name also offered as `com.apple.mobile.insecure_notification_proxy` to computers not trusted yet
 *
 * Source: device-protocols, section 9.2; libimobiledevice, `src/notification_proxy.c`.
 */
export function notificationProxy(name = 'com.apple.mobile.notification_proxy'): Service {
  return { name, serve };
}

async function serve({ phone, channel }: ServiceContext): Promise<void> {
  const messages = plistChannel(channel);
  const observed = new Set<string>();
  let waiting = 0;
  let sent = Promise.resolve();
  const relay = (name: string): void => {
    if (!observed.has(name)) return;
    waiting += 1;
    if (waiting > RELAYS_WAITING_MAX) channel.destroy();
    sent = sent
      .then(() => messages.send({ Command: 'RelayNotification', Name: name }))
      .catch(() => {})
      .finally(() => {
        waiting -= 1;
      });
  };
  const stop = phone.notifications.listen(relay);
  try {
    for (;;) {
      const message = await messages.receive();
      if (!message) return;
      const request = asDict(message.value);
      const name = asString(request?.['Name'])?.slice(0, NAME_CHARACTERS_MAX);
      const command = asString(request?.['Command']);
      if (command === 'ObserveNotification' && name && observed.size < OBSERVED_MAX) observed.add(name);
      if (command === 'PostNotification' && name) phone.notifications.post(name);
      if (command === 'Shutdown') {
        await sent;
        return await messages.send({ Command: 'ProxyDeath' });
      }
    }
  } finally {
    stop();
  }
}
