import { usbmuxError } from '../errors.ts';

/** Where a usbmux daemon listens. */
export type UsbmuxAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * Reads the value of USBMUXD_SOCKET_ADDRESS in every form that other clients accept:
 * `UNIX:/path`, `unix:///path`, `/path`, `tcp://host:port`, `host:port`, `[v6]:port`.
 *
 * @throws `usbmux.address-invalid`
 *
 * Source: device-protocols §1.1, the union of libusbmuxd, go-ios, pymobiledevice3 and idevice.
 */
export function parseUsbmuxAddress(text: string): UsbmuxAddress {
  const unix = /^unix:(?:\/\/)?(\/.+)$/i.exec(text)?.[1] ?? (text.startsWith('/') ? text : undefined);
  if (unix !== undefined) return { path: unix };
  if (/^unix:/i.test(text)) throw usbmuxError('address-invalid');

  const tcp = /^(?:tcp:\/\/)?([^/]+):(\d{1,5})$/i.exec(text);
  const host = tcp?.[1]?.replace(/^\[(.*)\]$/, '$1');
  const port = Number(tcp?.[2]);
  if (host === undefined || host === '' || port < 1 || port > 65_535) throw usbmuxError('address-invalid');
  return { host, port };
}

/**
 * Where the daemon of this computer listens, unless the environment says otherwise.
 * Source: device-protocols §1.1.
 */
export function usbmuxAddress(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): UsbmuxAddress {
  const named = environment['USBMUXD_SOCKET_ADDRESS'];
  if (named !== undefined && named !== '') return parseUsbmuxAddress(named);
  if (platform === 'win32' || platform === 'cygwin') return { host: '127.0.0.1', port: 27_015 };
  return { path: '/var/run/usbmuxd' };
}
