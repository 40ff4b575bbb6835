import { asString } from '@rootcellar/codecs';
import type { BackupEncryption } from '../phone/backup-encryption.ts';
import type { Phone } from '../phone/phone.ts';
import { refusals } from './answers.ts';
import {
  keybagUuid,
  lockKeybag,
  makeKeybag,
  STRETCHING_OF_PHONES,
  type Stretching,
} from './encryption/keybag.ts';
import { type AgentSession, askPasscode } from './session.ts';

const BACKUP_DOMAIN = 'com.apple.mobile.backup';

/** Source: libimobiledevice, `tools/idevicebackup2.c`. */
const DOMAIN_CHANGED = 'com.apple.mobile.backup.domain_changed';

/** Our limit; the longest passwords that people paste have some hundred characters. */
const PASSWORD_CHARACTERS_MAX = 4096;

/**
 * Gives backups a password, another one, or none any more.
 *
 * Source: device-protocols specification, section 8.8. Unknown: whether the passcode is asked for before
 * or after the old password is looked at; what a phone says to a password that is too long.
 *
 * @throws a `Refusal`: 207 for a wrong old password, 208 without passcode, 1 if management forbids it
 */
export async function changePassword(session: AgentSession): Promise<void> {
  const { phone, request, options } = session;
  const given = { old: passwordIn(request['OldPassword']), new: passwordIn(request['NewPassword']) };
  if (phone.behaviour.asksPasscodeForPasswordChange) await askPasscode(session, 'backup-password');
  if (given.old !== phone.encryption?.password) throw refusals.passwordNotAccepted();
  if (given.new === undefined) {
    if (phone.encryption === undefined) throw refusals.passwordNotAccepted();
    if (phone.condition.requiresEncryption) throw refusals.encryptionForced();
  }
  const encryption =
    given.new === undefined ? undefined : await encryptionWith(given.new, phone, stretchingOf(options));
  setEncryption(phone, encryption);
  await phone.save();
}

/** As phones do it, unless a test is in a hurry. */
export function stretchingOf({ pbkdf2Rounds }: AgentSession['options']): Stretching {
  if (pbkdf2Rounds === undefined) return STRETCHING_OF_PHONES;
  return { outerRounds: pbkdf2Rounds, rounds: Math.min(pbkdf2Rounds, STRETCHING_OF_PHONES.rounds) };
}

/**
 * The keys stay when only the password changes, so the next backup need not be full.
 * Unknown: whether real phones keep them; the format allows it.
 */
export async function encryptionWith(
  password: string,
  phone: Phone,
  stretching: Stretching,
): Promise<BackupEncryption> {
  const { encryption: before, random, hardwareKey } = phone;
  const options = { password, random, hardwareKey, stretching };
  const uuid = before && keybagUuid(before.keybag);
  const bag =
    before === undefined || uuid === undefined
      ? await makeKeybag(options)
      : await lockKeybag(options, { uuid, classKeys: before.classKeys });
  const { bytes: keybag, classKeys } = bag;
  return { password, keybag, classKeys, fileSecret: before?.fileSecret ?? random.bytes(32) };
}

/**
 * The value is there once a password was ever set, and false after it was removed.
 * Source: observed, section 5.4 (iOS 26.5).
 */
export function setEncryption(phone: Phone, encryption: BackupEncryption | undefined): void {
  const wasKnown = phone.values.get(BACKUP_DOMAIN, 'WillEncrypt') !== undefined;
  phone.encryption = encryption;
  if (encryption !== undefined || wasKnown) {
    phone.values.set(BACKUP_DOMAIN, 'WillEncrypt', encryption !== undefined);
  }
  phone.notifications.post(DOMAIN_CHANGED);
}

/** Absent and empty are the same: no password. */
function passwordIn(value: Parameters<typeof asString>[0]): string | undefined {
  const password = asString(value) ?? '';
  if (password.length > PASSWORD_CHARACTERS_MAX) throw refusals.passwordNotAccepted();
  return password === '' ? undefined : password;
}
