import { randomBytes } from 'node:crypto';
import { encodeBinaryPlist } from '@rootcellar/codecs';
import type { ReadableTree, Secret } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { readControlFile } from '../folder/control-file.ts';
import type { BackupKeys } from './backup-keys.ts';
import { deriveKey, spellingsOf } from './derive-key.ts';
import { unwrapKey, wrapKey } from './key-wrap.ts';
import { encodeKeybag, type KeybagItem, parseKeybag } from './keybag.ts';

const SALTS: ReadonlySet<string> = new Set(['SALT', 'DPSL']);

/** Keys that the password wraps. `HMCK` is one in the keybags that were seen. Source: backup-format §5.8. */
const WRAPPED: ReadonlySet<string> = new Set(['WPKY', 'HMCK']);

/**
 * Manifest.plist of an encrypted backup, with its keybag under another password and everything else as it was.
 *
 * @param keys unlocked with the old password
 * @throws `backup.keybag-missing`, `backup.keybag-damaged`, `backup.plist-*`, the reason of `signal`
 */
export async function manifestPlistWithPassword(
  tree: ReadableTree,
  keys: BackupKeys,
  newPassword: Secret,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const dict = await readControlFile(tree, 'Manifest.plist');
  const keybag = dict['BackupKeyBag'];
  if (!(keybag instanceof Uint8Array)) throw backupError('keybag-missing');
  return encodeBinaryPlist({ ...dict, BackupKeyBag: await rewrapKeybag(keybag, keys, newPassword, signal) });
}

/** Do two keybags give the same keys, all of them? */
export function areSameKeys(one: BackupKeys, other: BackupKeys): boolean {
  const isSame = (protectionClass: number) =>
    Buffer.from(one.classKey(protectionClass) ?? []).equals(
      other.classKey(protectionClass) ?? new Uint8Array(),
    );
  return CLASSES.every(isSame) && one.damagedClasses.join() === other.damagedClasses.join();
}

/** Source: backup-format §5.1. */
const CLASSES = Array.from({ length: 11 }, (_, index) => index + 1);

/**
 * The same keys under another password: new salts, as many rounds as before. What does not open, because it is
 * damaged or no wrapped key, stays as it is. No file of the backup needs to change.
 *
 * @param keys of `keybag`, unlocked with the old password
 * @returns the new `BackupKeyBag`
 * @throws `backup.keybag-damaged`, the reason of `signal`
 */
export async function rewrapKeybag(
  keybag: Uint8Array,
  keys: BackupKeys,
  newPassword: Secret,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const salted = parseKeybag(keybag).items.map(withNewSalt);
  const { stages } = parseKeybag(encodeKeybag(salted));
  const [spelling] = spellingsOf(newPassword);
  const newKey = await deriveKey(stages, spelling as Secret<Uint8Array>, signal);
  return encodeKeybag(salted.map((item) => rewrap(item, keys.wrappingKey, newKey)));
}

function withNewSalt(item: KeybagItem): KeybagItem {
  return SALTS.has(item.tag) ? { ...item, value: randomBytes(item.value.length) } : item;
}

function rewrap(item: KeybagItem, oldKey: Secret<Uint8Array>, newKey: Secret<Uint8Array>): KeybagItem {
  const key = WRAPPED.has(item.tag) ? unwrapKey(oldKey.reveal(), item.value) : undefined;
  return key ? { ...item, value: wrapKey(newKey.reveal(), key) } : item;
}
