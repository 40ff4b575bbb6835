import { asDict, asString } from '@rootcellar/codecs';
import type { BackupEncryption } from '../phone/backup-encryption.ts';
import { refusals } from './answers.ts';
import type { ManifestProperties } from './control-files.ts';
import { openClassedKey } from './encryption/key-wrap.ts';
import { type Keybag, openKeybag } from './encryption/keybag.ts';
import type { KeychainKeys } from './encryption/keychain-sealing.ts';
import { encryptionWith, FILE_SECRET_BYTES, stretchingOf } from './encryption/phone-encryption.ts';
import { unsealed } from './encryption/sealed-content.ts';
import type { ManifestRow } from './manifest-row.ts';
import type { AgentSession } from './session.ts';

/** What happens to the bytes of a backup on their way back to the phone. */
export interface Unlocking {
  /** `undefined` if there is no key for it. */
  openManifestDb(sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> | undefined;
  /** `undefined` if there is no key for it: phones take no plain file among encrypted ones. */
  openPayload(row: ManifestRow, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> | undefined;
  /** What opens items of a class in the keychain. */
  readonly keychainKey: KeychainKeys;
  /** How the phone backs up afterwards: a restore brings the password with it, or its absence. */
  readonly encryption: BackupEncryption | undefined;
}

/**
 * Opens the keys of a backup with the password of the request.
 *
 * @throws a `Refusal` 207 if the password is wrong or missing
 */
export async function unlockBackup(
  session: AgentSession,
  properties: ManifestProperties,
): Promise<Unlocking> {
  if (properties.isEncrypted) return unlockEncrypted(session, properties);
  return {
    openManifestDb: (sealed) => sealed,
    openPayload: (_, sealed) => sealed,
    keychainKey: () => session.phone.hardwareKey,
    encryption: undefined,
  };
}

async function unlockEncrypted(session: AgentSession, properties: ManifestProperties): Promise<Unlocking> {
  const { phone } = session;
  const password = passwordOf(session);
  const isOurs = properties.udid?.toUpperCase() === phone.identity.udid.toUpperCase();
  if (password === undefined || properties.keybag === undefined) throw refusals.passwordWrong();
  const bag = await openKeybag(properties.keybag, password, phone.hardwareKey);
  if (bag === undefined) throw refusals.passwordWrong();
  const open = (key: Uint8Array | undefined, sealed: AsyncIterable<Uint8Array>) => {
    const opened = key && openClassedKey(bag.classKeys, key);
    return opened && unsealed(sealed, opened);
  };
  return {
    openManifestDb: (sealed) => open(properties.manifestKey, sealed),
    openPayload: ({ encryptionKey }, sealed) => open(encryptionKey, sealed),
    keychainKey: (itemClass) => bag.classKeys.get(itemClass),
    encryption: await encryptionAfter(session, password, isOurs ? bag : undefined),
  };
}

/**
 * The phone keeps the keys it has for this password, or takes its own back from the backup: then the
 * next backup goes on from this one. Unknown: which keys a real phone takes.
 */
async function encryptionAfter(
  { phone, options }: AgentSession,
  password: string,
  own: Keybag | undefined,
): Promise<BackupEncryption> {
  if (phone.encryption?.password === password) return phone.encryption;
  if (own === undefined) return encryptionWith(password, phone, stretchingOf(options));
  return {
    password,
    keybag: own.bytes,
    classKeys: own.classKeys,
    fileSecret: phone.random.bytes(FILE_SECRET_BYTES),
  };
}

/** Where hosts put it. Source: device-protocols specification, section 7.3. */
function passwordOf({ request }: AgentSession): string | undefined {
  return asString(asDict(request['Options'])?.['Password']) ?? asString(request['Password']);
}
