import { asData, asDict, asInteger, asString, type PlistValue } from '@rootcellar/codecs';
import { type NetworkAddress, parseNetworkAddress } from './network-address.ts';

/** One way to reach a device: over USB, or over the network. */
export interface Attachment {
  /** Given by the daemon, new for each time a device is plugged in. */
  readonly deviceID: number;
  readonly udid: string;
  readonly connection: 'usb' | 'wifi';
  /** Of a network attachment, when the daemon tells it. */
  readonly address?: NetworkAddress;
}

/** A phone or tablet, however many ways lead to it. */
export interface Device {
  readonly udid: string;
  /** At least one; USB first, because it is faster and restores need it. */
  readonly attachments: readonly [Attachment, ...Attachment[]];
}

/** UDIDs of this form come from devices in early boot or restore mode: nothing to talk to yet. */
const NO_UDID = /^[f-]*$/i;

/** The longest known serial has 40 characters; older daemons fill it up to 256 with NULs. */
const SERIAL_CHARACTERS_MAX = 256;

/** It becomes the name of files: whoever claims to be the daemon may not choose where they lie. */
const UDID = /^[0-9A-Za-z-]{1,64}$/;

/**
 * Reads one `Attached` message, or an entry of `ListDevices`.
 *
 * @returns `undefined` for what cannot be used: no id, no serial number, an early-boot serial
 *
 * Source: device-protocols §1.5.
 */
export function parseAttachment(message: PlistValue): Attachment | undefined {
  const outer = asDict(message);
  const properties = asDict(outer?.['Properties']);
  const deviceID = asInteger(outer?.['DeviceID'] ?? properties?.['DeviceID']);
  const serial = asString(properties?.['SerialNumber']);
  if (typeof deviceID !== 'number' || serial === undefined) return undefined;
  if (serial.length > SERIAL_CHARACTERS_MAX) return undefined;
  const udid = normaliseUdid(serial);
  if (NO_UDID.test(udid) || !UDID.test(udid)) return undefined;

  const common = { deviceID, udid };
  if (asString(properties?.['ConnectionType']) !== 'Network') return { ...common, connection: 'usb' };
  const address = parseNetworkAddress(asData(properties?.['NetworkAddress']));
  return { ...common, connection: 'wifi', ...(address && { address }) };
}

/**
 * The UDID as lockdown writes it: newer phones' USB serial lacks the dash after the eighth character,
 * and may be padded with NULs.
 * Source: usbmuxd, `src/device.c`; device-protocols §1.5.
 */
export function normaliseUdid(serial: string): string {
  const [text = ''] = serial.split('\0', 1);
  if (/^[0-9a-f]{24}$/i.test(text)) return `${text.slice(0, 8)}-${text.slice(8)}`.toUpperCase();
  return text.includes('-') ? text.toUpperCase() : text.toLowerCase();
}

/** Brings the ways to each device together. Order: as first seen. */
export function groupByDevice(attachments: Iterable<Attachment>): readonly Device[] {
  const byUdid = new Map<string, Attachment[]>();
  for (const attachment of attachments) {
    const known = byUdid.get(attachment.udid);
    if (known) known.push(attachment);
    else byUdid.set(attachment.udid, [attachment]);
  }
  return [...byUdid].map(([udid, ways]) => {
    const [first, ...others] = ways.sort((a, b) => rank(a) - rank(b));
    if (first === undefined) throw new Error('A device without a way to it');
    return { udid, attachments: [first, ...others] };
  });
}

function rank(attachment: Attachment): number {
  return attachment.connection === 'usb' ? 0 : 1;
}
