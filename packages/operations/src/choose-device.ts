import { type Attachment, type Device, deviceError, openLockdown, type Usbmux } from '@rootcellar/device';
import { isSameName } from './same-name.ts';

/** What a device tells without being asked for trust. */
export interface DeviceSummary {
  readonly udid: string;
  /** "iPhone" until it is paired and tells its name. */
  readonly name: string;
  readonly productType: string;
  readonly productVersion: string;
  /** USB first. */
  readonly attachments: readonly [Attachment, ...Attachment[]];
}

/**
 * The device that was meant: by UDID, by the beginning of it (with or without the dash), or by name.
 * Without a word it is the only one there is.
 *
 * @throws `device.none-connected`, `device.not-found`, `device.several-connected`
 */
export async function chooseDevice(usbmux: Usbmux, word: string | undefined): Promise<DeviceSummary> {
  const devices = await usbmux.listDevices();
  const first = devices[0];
  if (first === undefined) throw deviceError('none-connected');
  if (word === undefined) {
    if (devices.length > 1) throw deviceError('several-connected', { count: devices.length });
    return summarise(usbmux, first);
  }

  const byUdid = devices.filter((device) => plain(device.udid).startsWith(plain(word)));
  const summaries = await Promise.all(
    (byUdid.length > 0 ? byUdid : devices).map((device) => summarise(usbmux, device)),
  );
  const matches = byUdid.length > 0 ? summaries : summaries.filter(({ name }) => isSameName(word, name));
  const [match, another] = matches;
  if (match === undefined) throw deviceError('not-found');
  if (another !== undefined) throw deviceError('several-connected', { count: matches.length });
  return match;
}

/** Asks a device who it is. What it does not tell, or when it does not answer, is "unknown". */
export async function summarise(usbmux: Usbmux, device: Device): Promise<DeviceSummary> {
  const { udid, attachments } = device;
  const unknown = { udid, name: 'iPhone', productType: 'unknown', productVersion: 'unknown', attachments };
  const lockdown = await openLockdown(usbmux, attachments[0]).catch(() => undefined);
  if (lockdown === undefined) return unknown;
  try {
    return {
      udid,
      name: (await lockdown.text('DeviceName')) ?? unknown.name,
      productType: (await lockdown.text('ProductType')) ?? unknown.productType,
      productVersion: (await lockdown.text('ProductVersion')) ?? unknown.productVersion,
      attachments,
    };
  } catch {
    return unknown; // It went away while we asked; whoever wants to work with it will hear why.
  } finally {
    lockdown.close();
  }
}

function plain(udid: string): string {
  return udid.replaceAll('-', '').toLowerCase();
}
