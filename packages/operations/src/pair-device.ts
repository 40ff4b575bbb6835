import { hostname } from 'node:os';
import { type Clock, systemClock } from '@rootcellar/core';
import {
  connectDevice,
  encodePairRecord,
  lockdownError,
  openLockdown,
  type PairingWait,
  pair,
  type Usbmux,
} from '@rootcellar/device';
import { chooseDevice, type DeviceSummary } from './choose-device.ts';
import { nothingChanged, runOperation } from './run-operation.ts';

export interface PairDeviceOptions {
  readonly usbmux: Usbmux;
  /** UDID, its beginning, or a name; the only connected device if absent. */
  readonly device?: string | undefined;
  /** Called when the owner has to do something. */
  readonly onWaiting?: (wait: PairingWait) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface PairedDevice {
  readonly device: DeviceSummary;
  /** It trusted this computer before; nothing was done. */
  readonly wasPaired: boolean;
}

/**
 * Makes a device trust this computer, if it does not yet, and proves it with a session.
 *
 * @throws `lockdown.trust-denied`, `lockdown.trust-pending`, `lockdown.locked` … as `OperationFailure`
 */
export function pairDevice(options: PairDeviceOptions): Promise<PairedDevice> {
  return runOperation(async () => {
    const { usbmux, signal } = options;
    const device = await chooseDevice(usbmux, options.device);
    const [attachment] = device.attachments;
    if (await isTrusted(usbmux, attachment, signal)) return { device, wasPaired: true };

    await ask(options, device);
    (await connectDevice(usbmux, attachment, signal)).close();
    return { device: await chooseDevice(usbmux, device.udid), wasPaired: false };
  }, nothingChanged);
}

async function ask(options: PairDeviceOptions, device: DeviceSummary): Promise<void> {
  const { usbmux, signal, onWaiting, clock = systemClock } = options;
  const [attachment] = device.attachments;
  const lockdown = await openLockdown(usbmux, attachment, signal);
  try {
    await lockdown.requireNormalMode();
    const systemBuid = await usbmux.readBuid();
    const record = await pair(lockdown, {
      systemBuid,
      hostName: hostname(),
      clock,
      ...(signal && { signal }),
      ...(onWaiting && { onWaiting }),
    });
    await usbmux.savePairRecord(device.udid, encodePairRecord(record), attachment.deviceID);
  } finally {
    lockdown.close();
  }
}

async function isTrusted(
  usbmux: Usbmux,
  attachment: DeviceSummary['attachments'][0],
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    (await connectDevice(usbmux, attachment, signal)).close();
    return true;
  } catch (error) {
    if (lockdownError.matches(error, 'not-trusted')) return false;
    if (lockdownError.matches(error, 'secure-connection-failed')) return false;
    if (lockdownError.matches(error, 'wrong-device-key')) return false;
    throw error;
  }
}
