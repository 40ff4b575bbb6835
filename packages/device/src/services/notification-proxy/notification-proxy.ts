import { asDict, asString } from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';
import { plistStream } from '../../plist-stream.ts';

export const NOTIFICATION_PROXY_SERVICE = 'com.apple.mobile.notification_proxy';

/** Longer than any job: notifications come when they come, and closing the channel ends the wait. */
const NEXT_NOTIFICATION_TIMEOUT_MS = 2 ** 31 - 1;

/** Darwin notifications between this computer and a device. */
export interface NotificationProxy {
  post(name: string): Promise<void>;
  observe(names: readonly string[]): Promise<void>;
  close(): void;
}

/**
 * @param onNotification called with each name that is relayed, until the connection ends
 *
 * Source: device-protocols §9.2.
 */
export function notificationProxyClient(
  channel: ByteChannel,
  onNotification: (name: string) => void,
): NotificationProxy {
  const stream = plistStream(channel);
  void relay();

  async function relay(): Promise<void> {
    try {
      for (;;) {
        const message = await stream.receive({
          timeoutMs: NEXT_NOTIFICATION_TIMEOUT_MS,
          waitingFor: 'a notification',
        });
        if (message === undefined) return;
        const dict = asDict(message);
        const name = asString(dict?.['Name']);
        if (asString(dict?.['Command']) === 'RelayNotification' && name !== undefined) onNotification(name);
      }
    } catch {
      // The connection is gone. Notifications are a courtesy: no job depends on them.
    }
  }

  return {
    post: (name) => stream.send({ Command: 'PostNotification', Name: name }),
    async observe(names) {
      for (const name of names) await stream.send({ Command: 'ObserveNotification', Name: name });
    },
    close: () => channel.destroy(),
  };
}
