import { ByteChannel } from '@rootcellar/core';
import { lockdownError } from '../errors.ts';
import { overheard } from '../trace/overheard.ts';
import type { Attachment } from '../usbmux/attachment.ts';
import type { Usbmux } from '../usbmux/usbmux.ts';
import { LOCKDOWN_PORT, Lockdown } from './lockdown.ts';
import { type PairRecord, parsePairRecord } from './pair-record.ts';
import { secureConnection } from './secure-connection.ts';

/** A device that trusts this computer, with a session open. */
export interface DeviceConnection {
  readonly attachment: Attachment;
  readonly lockdown: Lockdown;
  /**
   * Starts a service and connects to it.
   *
   * @param options.escrow also unlock protected data, as backups need it
   * @throws `lockdown.service-unknown`, `lockdown.never-unlocked`, `usbmux.port-refused` …
   */
  openService(name: string, options?: { readonly escrow?: boolean }): Promise<ByteChannel>;
  close(): void;
}

/**
 * Opens lockdown without a session: enough to see what the device is and to pair.
 * @throws `usbmux.device-gone`, `usbmux.port-refused`
 */
export async function openLockdown(
  usbmux: Usbmux,
  attachment: Attachment,
  signal?: AbortSignal,
): Promise<Lockdown> {
  const stream = await usbmux.connect(attachment, LOCKDOWN_PORT);
  return new Lockdown(stream, signal, usbmux.witness?.({ layer: 'lockdown' }));
}

/** The pair record of a device, if this computer has a usable one. */
export async function readPairRecord(usbmux: Usbmux, udid: string): Promise<PairRecord | undefined> {
  const file = await usbmux.readPairRecord(udid);
  return file && parsePairRecord(file);
}

/**
 * Opens a session with a device that trusts this computer.
 * @throws `lockdown.not-trusted` if there is no pair record or the device no longer knows it
 */
export async function connectDevice(
  usbmux: Usbmux,
  attachment: Attachment,
  signal?: AbortSignal,
): Promise<DeviceConnection> {
  const record = await readPairRecord(usbmux, attachment.udid);
  if (record === undefined) throw lockdownError('not-trusted');
  const openSession = async (): Promise<Lockdown> => {
    const lockdown = await openLockdown(usbmux, attachment, signal);
    try {
      await lockdown.startSession(record);
      return lockdown;
    } catch (error) {
      lockdown.close();
      throw error;
    }
  };

  const lockdown = await openSession();
  return {
    attachment,
    lockdown,
    async openService(name, options = {}) {
      // A session of its own for each: the device closes idle ones, and a backup takes hours.
      const session = await openSession();
      try {
        const service = await session.startService(name, options.escrow ? record.escrowBag : undefined);
        const stream = await usbmux.connect(attachment, service.port);
        const secure = service.secure
          ? await secureConnection(stream, record, { productVersion: session.productVersion, signal })
          : stream;
        return new ByteChannel(overheard(secure, name, usbmux.witness));
      } finally {
        session.close();
      }
    },
    close: () => lockdown.close(),
  };
}
