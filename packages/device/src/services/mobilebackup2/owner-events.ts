import type { ByteChannel } from '@rootcellar/core';
import { type NotificationProxy, notificationProxyClient } from '../notification-proxy/notification-proxy.ts';

/** What a device tells while a job runs. Source: device-protocols §8.3, step 2. */
const CANCELLED = 'com.apple.itunes-client.syncCancelRequest';
const PROMPT_SHOWN = 'com.apple.LocalAuthentication.ui.presented';
const PROMPT_GONE = 'com.apple.LocalAuthentication.ui.dismissed';

/** What the owner does on the device while a job runs. */
export type OwnerEvent = 'passcode-wanted' | 'passcode-done' | 'cancelled';

const EVENTS: Readonly<Record<string, OwnerEvent>> = {
  [CANCELLED]: 'cancelled',
  [PROMPT_SHOWN]: 'passcode-wanted',
  [PROMPT_GONE]: 'passcode-done',
};

/** Listens to the owner until the connection is closed, which the caller does. */
export async function watchOwner(
  channel: ByteChannel,
  onOwner: (event: OwnerEvent) => void,
): Promise<NotificationProxy> {
  const proxy = notificationProxyClient(channel, (name) => {
    const event = EVENTS[name];
    if (event) onOwner(event);
  });
  try {
    await proxy.observe(Object.keys(EVENTS));
    return proxy;
  } catch (error) {
    proxy.close();
    throw error;
  }
}
