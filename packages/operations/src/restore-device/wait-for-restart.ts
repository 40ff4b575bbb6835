import type { Clock } from '@rootcellar/core';
import { type Attachment, openLockdown, type Usbmux } from '@rootcellar/device';
import { operationError } from '../errors.ts';

/** Source: device-protocols §8.7, step 7. */
const RESTART_MINUTES = 10;
const LOOK_AGAIN_AFTER_MS = 500;

/**
 * Waits until a device has restarted: it comes back under a new DeviceID and answers.
 * @throws `operation.restart-not-seen`
 */
export async function waitForRestart(
  usbmux: Usbmux,
  before: Attachment,
  options: { readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { clock, signal } = options;
  const until = clock.now().getTime() + RESTART_MINUTES * 60_000;
  while (clock.now().getTime() < until) {
    signal?.throwIfAborted();
    const devices = await usbmux.listDevices().catch(() => []);
    const attachment = devices.find(({ udid }) => udid === before.udid)?.attachments[0];
    if (attachment && attachment.deviceID !== before.deviceID && (await answers(usbmux, attachment))) return;
    await clock.sleep(LOOK_AGAIN_AFTER_MS, signal);
  }
  throw operationError('restart-not-seen', { minutes: RESTART_MINUTES });
}

async function answers(usbmux: Usbmux, attachment: Attachment): Promise<boolean> {
  const lockdown = await openLockdown(usbmux, attachment).catch(() => undefined);
  if (lockdown === undefined) return false;
  try {
    await lockdown.requireNormalMode();
    return true;
  } catch {
    return false; // Still starting.
  } finally {
    lockdown.close();
  }
}
