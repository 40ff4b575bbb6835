import { Secret } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { deriveKey, spellingsOf } from './derive-key.ts';
import { unwrapKey } from './key-wrap.ts';
import type { Keybag } from './keybag.ts';

/** Keys of an unlocked backup. They are in memory only, and cannot be printed. */
export interface BackupKeys {
  /**
   * Opens the key of one file, or of Manifest.db.
   *
   * @param wrapped protection class (4 bytes little-endian), then 40 bytes
   * @returns 32 bytes
   * @throws `backup.file-key-damaged`
   */
  openKey(wrapped: Uint8Array): Uint8Array;
  /** The key of a protection class. `undefined` if there is none, it is damaged, or only the device can use it. */
  classKey(protectionClass: number): Uint8Array | undefined;
  /** Is the key of that class bound to the device that was backed up? */
  isDeviceOnly(protectionClass: number): boolean;
  /** Classes whose key does not open although the password is right. */
  readonly damagedClasses: readonly number[];
  /** Wraps the class keys; made from the password at great cost. */
  readonly wrappingKey: Secret<Uint8Array>;
  /** The password in the spelling that opened the keybag; iOS 10.0 seals records with it. */
  readonly password: Secret<Uint8Array>;
  /** All of it as plain values, for another thread of this process. Never write this anywhere. */
  toMessage(): KeysMessage;
}

export interface KeysMessage {
  readonly opened: ReadonlyMap<number, Uint8Array>;
  readonly deviceOnly: ReadonlySet<number>;
  readonly damagedClasses: readonly number[];
  readonly wrappingKey: Uint8Array;
  readonly password: Uint8Array;
}

const CLASS_BYTES = 4;
const WRAPPED_BYTES = 44;

/**
 * Unlocks a keybag. Each spelling of the password that is tried costs all rounds again; only passwords with
 * accents have more than one.
 *
 * @throws `backup.password-wrong` if no key opens, the reason of `signal`
 */
export async function unlockKeybag(
  keybag: Keybag,
  password: Secret,
  signal?: AbortSignal,
): Promise<BackupKeys> {
  for (const spelling of spellingsOf(password)) {
    const keys = openClassKeys(keybag, await deriveKey(keybag.stages, spelling, signal), spelling);
    if (keys !== undefined) return keys;
  }
  throw backupError('password-wrong');
}

function openClassKeys(
  keybag: Keybag,
  wrappingKey: Secret<Uint8Array>,
  password: Secret<Uint8Array>,
): BackupKeys | undefined {
  const opened = new Map<number, Uint8Array>();
  const deviceOnly = new Set<number>();
  const damagedClasses: number[] = [];
  for (const { protectionClass, isDeviceOnly, wrapped } of keybag.classKeys) {
    const key = unwrapKey(wrappingKey.reveal(), wrapped);
    if (key === undefined) damagedClasses.push(protectionClass);
    else opened.set(protectionClass, key);
    if (isDeviceOnly) deviceOnly.add(protectionClass);
  }
  if (opened.size === 0) return undefined;
  return keysFrom({
    opened,
    deviceOnly,
    damagedClasses,
    wrappingKey: wrappingKey.reveal(),
    password: password.reveal(),
  });
}

/** What `toMessage` gave, on the other side. */
export function keysFrom(message: KeysMessage): BackupKeys {
  const { opened, deviceOnly, damagedClasses } = message;
  const secrets = new Map([...opened].map(([number, key]) => [number, new Secret(key)]));
  const isDeviceOnly = (protectionClass: number) => deviceOnly.has(protectionClass);
  const classKey = (protectionClass: number) =>
    isDeviceOnly(protectionClass) ? undefined : secrets.get(protectionClass)?.reveal();
  const sealed = new Secret(message);
  return {
    openKey: (wrapped) => openWith(classKey, wrapped),
    classKey,
    isDeviceOnly,
    damagedClasses,
    wrappingKey: new Secret(message.wrappingKey),
    password: new Secret(message.password),
    toMessage: () => sealed.reveal(),
  };
}

function openWith(classKey: BackupKeys['classKey'], wrapped: Uint8Array): Uint8Array {
  if (wrapped.length !== WRAPPED_BYTES) throw backupError('file-key-damaged', { reason: 'length' });
  const key = classKey(Buffer.from(wrapped).readUInt32LE());
  if (key === undefined) throw backupError('file-key-damaged', { reason: 'class' });
  const opened = unwrapKey(key, wrapped.subarray(CLASS_BYTES));
  if (opened === undefined) throw backupError('file-key-damaged', { reason: 'check value' });
  return opened;
}
