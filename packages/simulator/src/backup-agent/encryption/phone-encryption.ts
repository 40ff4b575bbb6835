import type { BackupEncryption } from '../../phone/backup-encryption.ts';
import type { Phone } from '../../phone/phone.ts';
import { keybagUuid, lockKeybag, makeKeybag, STRETCHING_OF_PHONES, type Stretching } from './keybag.ts';

export const FILE_SECRET_BYTES = 32;

const BACKUP_DOMAIN = 'com.apple.mobile.backup';

/** Source: libimobiledevice, `tools/idevicebackup2.c`. */
const DOMAIN_CHANGED = 'com.apple.mobile.backup.domain_changed';

/** As phones do it, unless a test is in a hurry. */
export function stretchingOf({ pbkdf2Rounds }: { readonly pbkdf2Rounds?: number | undefined }): Stretching {
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
  return { password, keybag, classKeys, fileSecret: before?.fileSecret ?? random.bytes(FILE_SECRET_BYTES) };
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
