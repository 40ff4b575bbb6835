import { setEncryption } from '../backup-agent/encryption/phone-encryption.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { DAYS_MAX, LIVED_KINDS, type LivedDays, liveDays } from '../life/live-days.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { Action, PhoneAnswer, PhoneSummary } from './control-protocol.ts';
import { field, neededText, Refused } from './control-request.ts';

type Body = Readonly<Record<string, unknown>>;

/** What the owner's tap on the cross beside the sync indicator tells. Source: device-protocols, section 9.2. */
const SYNC_CANCELLED = 'com.apple.itunes-client.syncCancelRequest';

/** Digits or a sentence; phones take up to 90 characters. */
const PASSCODE_CHARACTERS_MAX = 90;

/**
 * Does what the person who holds the phone would do. Restart and erase are begun, not waited for.
 *
 * @throws `Refused` if the body is wrong, or if the screen does not ask for this
 */
export async function act(phone: SimulatedPhone, action: Action, body: Body): Promise<void> {
  switch (action) {
    case 'trust':
      return requireAsked(phone.owner.tapTrust());
    case 'deny':
      return requireAsked(phone.owner.tapDeny());
    case 'cancel-prompt':
      return requireAsked(phone.owner.cancel());
    case 'passcode':
      return enterPasscode(phone, neededText(body, 'code'));
    case 'lock':
      return phone.lock();
    case 'unlock':
      return phone.unlock();
    case 'plug':
      phone.presence.setPlugged(true);
      return phone.start();
    case 'unplug':
      return phone.presence.setPlugged(false);
    case 'join-wifi':
      return phone.presence.setOnWifi(true);
    case 'leave-wifi':
      return phone.presence.setOnWifi(false);
    case 'cancel-sync':
      return phone.notifications.post(SYNC_CANCELLED);
    case 'restart':
      void phone.restart();
      return;
    case 'reset-settings':
      return resetSettings(phone);
    case 'erase':
      void phone.erase().catch(() => {});
      return;
    case 'set':
      return set(phone, body);
  }
}

/** @throws `Refused` for a number of days nobody lives at once, or for a kind of thing that does not happen */
export function liveAsAsked(phone: SimulatedPhone, body: Body): Promise<LivedDays> {
  const days = field(body, 'days', 'number') ?? 1;
  if (days < 1 || days > DAYS_MAX) throw new Refused('bad-request', `days has to be from 1 to ${DAYS_MAX}.`);
  const wanted = field(body, 'only', 'string');
  const only = LIVED_KINDS.find((kind) => kind === wanted);
  if (only !== wanted) throw new Refused('bad-request', `only has to be one of ${LIVED_KINDS.join(', ')}.`);
  return liveDays(phone, days, undefined, only);
}

/**
 * Reset All Settings: of all that it does, only what matters to backups. The files stay.
 * Source: Apple support, "If you can't remember the password for your encrypted backup" (iOS 11 and later).
 */
async function resetSettings(phone: SimulatedPhone): Promise<void> {
  if (phone.encryption !== undefined) setEncryption(phone, undefined);
  await phone.save();
  void phone.restart();
}

function requireAsked(wasAsked: boolean): void {
  if (!wasAsked) throw new Refused('not-asked', 'The screen does not show this question now.');
}

function enterPasscode(phone: SimulatedPhone, code: string): void {
  const outcome = phone.owner.enterPasscode(code);
  requireAsked(outcome !== 'not-asked');
  if (outcome === 'wrong')
    throw new Refused('wrong-passcode', 'The passcode is wrong; the screen still asks.');
}

async function set(phone: SimulatedPhone, body: Body): Promise<void> {
  const { condition } = phone;
  const batteryPercent = field(body, 'batteryPercent', 'number') ?? condition.batteryPercent;
  if (batteryPercent < 0 || batteryPercent > 100) {
    throw new Refused('bad-request', 'batteryPercent has to be between 0 and 100.');
  }
  setFreeBytes(phone, body);
  Object.assign(condition, {
    batteryPercent,
    findMy: field(body, 'findMy', 'boolean') ?? condition.findMy,
    onPower: field(body, 'onPower', 'boolean') ?? condition.onPower,
    passcode: readPasscode(body, condition.passcode),
    setUp: field(body, 'setUp', 'boolean') ?? condition.setUp,
    leftoverSnapshot: field(body, 'leftoverSnapshot', 'boolean') ?? condition.leftoverSnapshot,
    requiresEncryption: field(body, 'requiresEncryption', 'boolean') ?? condition.requiresEncryption,
  });
  await phone.save();
}

/** @throws `Refused` for more than there is */
function setFreeBytes({ files }: SimulatedPhone, body: Body): void {
  const wanted = body['freeBytes'] === null ? undefined : field(body, 'freeBytes', 'number');
  if (wanted === undefined && body['freeBytes'] !== null) return;
  const reservedBefore = files.reservedBytes;
  files.reserve(0);
  const most = freeBytesOf(files);
  if (wanted !== undefined && (wanted < 0 || wanted > most)) {
    files.reserve(reservedBefore);
    throw new Refused('bad-request', `freeBytes has to be between 0 and ${most}.`);
  }
  files.reserve(most - (wanted ?? most));
}

function freeBytesOf(files: PhoneFileSystem): number {
  return Math.max(0, files.capacityBytes - files.usedBytes());
}

function readPasscode(body: Body, before: string | undefined): string | undefined {
  if (body['passcode'] === null) return undefined;
  const passcode = field(body, 'passcode', 'string') ?? before;
  if (passcode !== undefined && (passcode === '' || passcode.length > PASSCODE_CHARACTERS_MAX)) {
    throw new Refused('bad-request', `A passcode has 1 to ${PASSCODE_CHARACTERS_MAX} characters.`);
  }
  return passcode;
}

export function summarize({ identity }: SimulatedPhone): PhoneSummary {
  const { udid, deviceName, productType, productVersion } = identity;
  return { udid, name: deviceName, productType, productVersion };
}

export function describePhone(phone: SimulatedPhone): PhoneAnswer {
  const { passcode, ...condition } = phone.condition;
  return {
    ...summarize(phone),
    condition: {
      ...condition,
      running: phone.presence.running,
      plugged: phone.presence.plugged,
      onWifi: phone.presence.onWifi,
      unlockedSinceBoot: phone.unlockedSinceBoot,
      hasPasscode: passcode !== undefined,
      encryptsBackups: phone.encryption !== undefined,
      freeBytes: freeBytesOf(phone.files),
    },
    prompt: phone.owner.current ?? null,
    trusts: phone.trust.list().map((host) => host.hostID),
  };
}
