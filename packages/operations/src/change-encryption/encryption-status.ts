import { connectDevice, type DeviceConnection, type Usbmux } from '@rootcellar/device';
import { chooseDevice, type DeviceSummary } from '../choose-device.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';

const BACKUP_DOMAIN = 'com.apple.mobile.backup';

export interface EncryptionOptions {
  readonly usbmux: Usbmux;
  /** UDID, its beginning, or a name; the only connected device if absent. */
  readonly device?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface EncryptionStatus {
  readonly device: DeviceSummary;
  /** Will the next backup have a password? */
  readonly encrypted: boolean;
  /** Does an organisation forbid backups without one? */
  readonly required: boolean;
}

/** Asks a device whether its backups have a password. @throws `OperationFailure` */
export function readEncryptionStatus(options: EncryptionOptions): Promise<EncryptionStatus> {
  return runOperation(() => lookAtEncryption(options), nothingChanged, options.signal);
}

export async function lookAtEncryption({
  usbmux,
  device,
  signal,
}: EncryptionOptions): Promise<EncryptionStatus> {
  const { udid, attachments } = await chooseDevice(usbmux, device);
  const connection = await connectDevice(usbmux, attachments[0], signal);
  try {
    return {
      device: await chooseDevice(usbmux, udid),
      encrypted: await willEncrypt(connection),
      required: (await connection.lockdown.flag('RequiresEncryption', BACKUP_DOMAIN)) === true,
    };
  } finally {
    connection.close();
  }
}

/** A device that never had a password has no such value. Source: observed §5.4. */
export async function willEncrypt({ lockdown }: DeviceConnection): Promise<boolean> {
  return (await lockdown.flag('WillEncrypt', BACKUP_DOMAIN)) === true;
}
