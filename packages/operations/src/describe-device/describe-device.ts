import {
  connectDevice,
  type Device,
  type DeviceConnection,
  type Lockdown,
  lockdownError,
  type Usbmux,
} from '@rootcellar/device';
import { willEncrypt } from '../change-encryption/encryption-status.ts';
import { summarise } from '../choose-device.ts';
import { modelName } from './model-names.ts';

/** `locked`: it trusts this computer, but has to be unlocked first. `unknown`: it does not answer. */
export type TrustState = 'trusted' | 'not-trusted' | 'locked' | 'unknown';

/** All that a page about one device shows. What only a trusting device tells is `undefined` until then. */
export interface DeviceDetails {
  readonly udid: string;
  readonly name: string;
  readonly modelName: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly connections: readonly ('usb' | 'wifi')[];
  readonly trust: TrustState;
  readonly serialNumber: string | undefined;
  /** As Apple numbers the colours of a model. */
  readonly color: string | undefined;
  readonly space: DeviceSpace | undefined;
  readonly battery: { readonly percent: number; readonly isCharging: boolean } | undefined;
  /** Has its next backup a password? */
  readonly encryptsBackups: boolean | undefined;
  readonly requiresEncryption: boolean;
  /** Has it left the Hello screens behind? Before that it makes no backup. */
  readonly isSetUp: boolean | undefined;
}

/** Of the data part of its disk. */
export interface DeviceSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Only kinds that it tells. */
  readonly byKind: Readonly<Record<string, number>>;
}

/** Values of com.apple.disk_usage that some systems have. Source: `ideviceinfo -q com.apple.disk_usage`, iOS 9 to 15. */
const KINDS = {
  apps: 'MobileApplicationUsage',
  photos: 'PhotoUsage',
  camera: 'CameraUsage',
  calendar: 'CalendarUsage',
  notes: 'NotesUsage',
  voicemail: 'VoicemailUsage',
} as const;

/** Looks at a device. Never throws: one that goes away meanwhile is `unknown`. */
export async function describeDevice(
  usbmux: Usbmux,
  device: Device,
  signal?: AbortSignal,
): Promise<DeviceDetails> {
  const summary = await summarise(usbmux, device);
  const { trust, connection } = await tryToConnect(usbmux, device, signal);
  const common = {
    udid: device.udid,
    name: summary.name,
    modelName: modelName(summary.productType),
    productType: summary.productType,
    productVersion: summary.productVersion,
    connections: [...new Set(device.attachments.map((attachment) => attachment.connection))],
  };
  const told = connection && (await askAll(connection).catch(() => undefined));
  connection?.close();
  return told
    ? { ...common, trust, ...told }
    : { ...common, ...NOTHING_TOLD, trust: connection ? 'unknown' : trust };
}

type Told = Omit<
  DeviceDetails,
  'trust' | 'connections' | 'udid' | 'modelName' | 'productType' | 'productVersion'
>;

const NOTHING_TOLD = {
  serialNumber: undefined,
  color: undefined,
  space: undefined,
  battery: undefined,
  encryptsBackups: undefined,
  requiresEncryption: false,
  isSetUp: undefined,
};

async function askAll(connection: DeviceConnection): Promise<Told> {
  const { lockdown } = connection;
  const percent = await lockdown.number('BatteryCurrentCapacity', 'com.apple.mobile.battery');
  const isCharging = await lockdown.flag('BatteryIsCharging', 'com.apple.mobile.battery');
  return {
    name: (await lockdown.text('DeviceName')) ?? 'iPhone',
    serialNumber: await lockdown.text('SerialNumber'),
    color: await lockdown.text('DeviceColor'),
    space: await spaceOf(lockdown),
    battery:
      percent === undefined
        ? undefined
        : { percent: Math.min(100, Math.max(0, Math.round(percent))), isCharging: isCharging === true },
    encryptsBackups: await willEncrypt(connection),
    requiresEncryption: (await lockdown.flag('RequiresEncryption', 'com.apple.mobile.backup')) === true,
    isSetUp: await askWhetherSetUp(lockdown),
  };
}

/** An erased phone is not activated until it is set up, or restored. Source: device-protocols §3.3. */
async function askWhetherSetUp(lockdown: Lockdown): Promise<boolean | undefined> {
  const isDone = await lockdown.flag('SetupDone', 'com.apple.purplebuddy');
  if (isDone !== undefined) return isDone;
  return (await lockdown.text('ActivationState')) === 'Unactivated' ? false : undefined;
}

async function spaceOf(lockdown: Lockdown): Promise<DeviceSpace | undefined> {
  const ask = (key: string) => lockdown.number(key, 'com.apple.disk_usage');
  const totalBytes = await ask('TotalDataCapacity');
  const freeBytes = await ask('TotalDataAvailable');
  // Zeros mean that the phone does not know. Source: observed §5.4.
  if (!totalBytes || freeBytes === undefined || freeBytes < 0) return undefined;
  const byKind: Record<string, number> = {};
  for (const [kind, key] of Object.entries(KINDS)) {
    const bytes = await ask(key);
    if (bytes !== undefined && bytes > 0) byKind[kind] = bytes;
  }
  return { totalBytes, freeBytes, byKind };
}

async function tryToConnect(
  usbmux: Usbmux,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<{ readonly trust: TrustState; readonly connection?: DeviceConnection }> {
  try {
    return { trust: 'trusted', connection: await connectDevice(usbmux, device.attachments[0], signal) };
  } catch (error) {
    return { trust: trustAfter(error) };
  }
}

function trustAfter(error: unknown): TrustState {
  if (lockdownError.matches(error, 'locked') || lockdownError.matches(error, 'never-unlocked'))
    return 'locked';
  const isStrange = ['not-trusted', 'secure-connection-failed', 'wrong-device-key'] as const;
  return isStrange.some((name) => lockdownError.matches(error, name)) ? 'not-trusted' : 'unknown';
}
