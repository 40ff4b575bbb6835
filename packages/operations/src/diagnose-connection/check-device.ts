import { KnownError } from '@rootcellar/core';
import {
  AFC_SERVICE,
  connectDevice,
  type Device,
  type DeviceConnection,
  INSTALLATION_PROXY_SERVICE,
  MOBILEBACKUP2_SERVICE,
  NOTIFICATION_PROXY_SERVICE,
  openLockdown,
  parsePairRecord,
  type Usbmux,
} from '@rootcellar/device';
import { CHECKS, type Check, type CheckCode, type FindingName, type Platform, say } from './findings.ts';
import { notLookedAt } from './not-looked-at.ts';

/** What a backup talks to; the backup itself last, because it needs the escrow bag as well. */
const NEEDED_SERVICES = [
  AFC_SERVICE,
  NOTIFICATION_PROXY_SERVICE,
  INSTALLATION_PROXY_SERVICE,
  MOBILEBACKUP2_SERVICE,
];

const REACHING: Readonly<Record<string, FindingName>> = {
  'lockdown.not-lockdown': 'device-not-normal',
  'usbmux.device-gone': 'device-gone',
  'usbmux.port-refused': 'device-refusing',
};

const SESSION: Readonly<Record<string, FindingName>> = {
  'lockdown.locked': 'never-unlocked',
  'lockdown.never-unlocked': 'never-unlocked',
  'lockdown.not-trusted': 'trust-withdrawn',
  'lockdown.pair-record-refused': 'trust-withdrawn',
  'lockdown.pairing-prohibited': 'trust-prohibited',
  'lockdown.secure-connection-failed': 'session-failed',
  'lockdown.wrong-device-key': 'session-wrong-key',
  'usbmux.device-gone': 'device-gone',
};

const SERVICE: Readonly<Record<string, FindingName>> = {
  'lockdown.locked': 'never-unlocked',
  'lockdown.never-unlocked': 'never-unlocked',
  'lockdown.service-prohibited': 'services-prohibited',
  'lockdown.too-many-connections': 'services-busy',
  'usbmux.device-gone': 'device-gone',
};

export const DEVICE_CHECKS = CHECKS.slice(
  CHECKS.indexOf('lockdown-reachable'),
  CHECKS.indexOf('data-folder'),
);

export interface DeviceToCheck {
  readonly usbmux: Usbmux;
  readonly device: Device;
  readonly platform: Platform;
  readonly signal?: AbortSignal | undefined;
}

/** Everything about one device, from its door to what a backup needs. Changes nothing on it. */
export async function checkDevice(subject: DeviceToCheck): Promise<readonly Check[]> {
  const found = new Map<CheckCode, Check>();
  const note = (finding: FindingName, numbers?: Readonly<Record<string, number>>): void => {
    const check = say(finding, subject.platform, numbers);
    found.set(check.code, check);
  };
  await look(subject, note);
  return DEVICE_CHECKS.map((code) => ({
    ...(found.get(code) ?? notLookedAt(code, [...found.values()])),
    udid: subject.device.udid,
  }));
}

type Note = (finding: FindingName, numbers?: Readonly<Record<string, number>>) => void;

/** Each step needs the one before it. */
async function look(subject: DeviceToCheck, note: Note): Promise<void> {
  const { usbmux, device, signal } = subject;
  if (!(await isReached(subject, note)) || !(await hasPairRecord(subject, note))) return;
  let connection: DeviceConnection;
  try {
    connection = await connectDevice(usbmux, device.attachments[0], signal);
  } catch (error) {
    return note(meaningOf(error, SESSION, 'session-not-started', signal));
  }
  note('trusted');
  note('session-open');
  try {
    await lookInside(connection, note, signal);
  } finally {
    connection.close();
  }
}

async function isReached({ usbmux, device, signal }: DeviceToCheck, note: Note): Promise<boolean> {
  try {
    const lockdown = await openLockdown(usbmux, device.attachments[0], signal);
    try {
      await lockdown.requireNormalMode();
      note('lockdown-answering');
      // Without a session most phones keep it to themselves.
      noteLock(await lockdown.flag('PasswordProtected'), note);
      return true;
    } finally {
      lockdown.close();
    }
  } catch (error) {
    note(meaningOf(error, REACHING, 'device-silent', signal));
    return false;
  }
}

async function hasPairRecord({ usbmux, device }: DeviceToCheck, note: Note): Promise<boolean> {
  try {
    const file = await usbmux.readPairRecord(device.udid);
    if (file === undefined) note('trust-missing');
    else if (parsePairRecord(file) === undefined) note('trust-record-damaged');
    else return true;
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    note('trust-record-unreadable');
  }
  return false;
}

async function lookInside(connection: DeviceConnection, note: Note, signal?: AbortSignal): Promise<void> {
  try {
    noteLock(await connection.lockdown.flag('PasswordProtected'), note);
  } catch (error) {
    return note(meaningOf(error, SESSION, 'session-not-started', signal));
  }
  let missing = 0;
  for (const name of NEEDED_SERVICES) {
    try {
      (await connection.openService(name, { escrow: name === MOBILEBACKUP2_SERVICE })).destroy();
    } catch (error) {
      const finding = meaningOf(error, SERVICE, 'services-missing', signal);
      if (finding !== 'services-missing') return note(finding);
      missing += 1;
    }
  }
  if (missing === 0) note('services-start');
  else note('services-missing', { count: missing });
}

function noteLock(isLocked: boolean | undefined, note: Note): void {
  if (isLocked === undefined) note('lock-not-told');
  else note(isLocked ? 'locked' : 'unlocked');
}

/** @throws what is our own mistake, and the wish to stop */
function meaningOf(
  error: unknown,
  meanings: Readonly<Record<string, FindingName>>,
  otherwise: FindingName,
  signal: AbortSignal | undefined,
): FindingName {
  signal?.throwIfAborted();
  if (!(error instanceof KnownError)) throw error;
  return meanings[error.code] ?? otherwise;
}
