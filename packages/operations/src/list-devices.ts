import { connectDevice, type Usbmux } from '@rootcellar/device';
import { type DeviceSummary, summarise } from './choose-device.ts';
import { nothingChanged, runOperation } from './run-operation.ts';

/** A connected device, as `rootcellar devices` shows it. */
export interface ListedDevice extends DeviceSummary {
  readonly connections: readonly ('usb' | 'wifi')[];
  /** Does it trust this computer, now? */
  readonly paired: boolean;
}

/** Everything that is connected. @throws `usbmux.not-running`, `usbmux.not-permitted` */
export function listDevices(usbmux: Usbmux): Promise<readonly ListedDevice[]> {
  return runOperation(async () => {
    const devices = await usbmux.listDevices();
    return Promise.all(
      devices.map(async (device): Promise<ListedDevice> => {
        const [summary, paired] = await Promise.all([
          summarise(usbmux, device),
          isPaired(usbmux, device.attachments[0]),
        ]);
        const connections = [...new Set(device.attachments.map(({ connection }) => connection))];
        return { ...summary, connections, paired };
      }),
    );
  }, nothingChanged);
}

async function isPaired(usbmux: Usbmux, attachment: DeviceSummary['attachments'][0]): Promise<boolean> {
  try {
    (await connectDevice(usbmux, attachment)).close();
    return true;
  } catch {
    return false; // Whatever stands in the way, it cannot be worked with as it is.
  }
}
