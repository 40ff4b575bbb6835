import { createHmac } from 'node:crypto';
import { asData } from '@rootcellar/codecs';
import {
  encodeKeychainTables,
  KEYCHAIN_CLASSES,
  type KeychainItem,
  parseKeychain,
  parseKeychainTables,
} from '../../content/keychain.ts';
import { unwrapKey, WRAPPED_KEY_BYTES, wrapKey } from './key-wrap.ts';
import { openItem, sealItem } from './keychain-cipher.ts';

/** Of the layout of `v_Data`. Source: backup-format specification, section 5.7 (iOS 7 and later). */
const ITEM_VERSION = 3;

/** Version, class, and length of the wrapped key. */
const HEAD_BYTES = 12;

/** What opens the keys of items, by their class; `undefined` if nothing here does. */
export type KeychainKeys = (itemClass: number) => Uint8Array | undefined;

/** What locks the keys of items. */
export interface KeychainLock {
  readonly keyOf: KeychainKeys;
  /** What the keys of items are drawn from: an unchanged keychain then gives the same bytes. */
  readonly secret: Uint8Array;
}

/** With a password: the class keys of the backup. Those of 9 to 11 open on this device only. */
export function passwordLock(classKeys: ReadonlyMap<number, Uint8Array>, secret: Uint8Array): KeychainLock {
  return { keyOf: (itemClass) => classKeys.get(itemClass), secret };
}

/**
 * Without a password the key of the chip locks every item, so that nobody else can open any.
 * Source: backup-format specification, section 5.7. Unknown: with which keys in between.
 */
export function deviceLock(hardwareKey: Uint8Array): KeychainLock {
  return { keyOf: () => hardwareKey, secret: hardwareKey };
}

/** The keychain as it goes into a backup. @param keychain as `encodeKeychain` wrote it */
export function sealKeychain(keychain: Uint8Array, lock: KeychainLock): Uint8Array {
  const leaving = parseKeychain(keychain).filter(({ pdmn }) => Object.hasOwn(KEYCHAIN_CLASSES, pdmn));
  return encodeKeychainTables(leaving, (item) => ({ v_Data: sealOne(item, lock) }));
}

/** What this phone can open of a keychain from a backup; the rest is lost. */
export function openKeychain(sealed: Uint8Array, keyOf: KeychainKeys): readonly KeychainItem[] {
  return parseKeychainTables(sealed, ({ table, row, entry }) => {
    const opened = openOne(asData(entry['v_Data']) ?? new Uint8Array(), keyOf);
    return opened && { table, row, ...opened };
  });
}

function sealOne({ table, row, pdmn, attributes }: KeychainItem, lock: KeychainLock): Uint8Array {
  const itemClass = KEYCHAIN_CLASSES[pdmn] ?? 0;
  const classKey = lock.keyOf(itemClass);
  if (classKey === undefined) throw new RangeError('A phone without a key for one of its classes');
  const key = createHmac('sha256', lock.secret).update(`${table} ${row} `).update(attributes).digest();
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(ITEM_VERSION);
  head.writeUInt32LE(itemClass, 4);
  head.writeUInt32LE(WRAPPED_KEY_BYTES, 8);
  return new Uint8Array(Buffer.concat([head, wrapKey(classKey, key), sealItem(key, attributes)]));
}

function openOne(
  data: Uint8Array,
  keyOf: KeychainKeys,
): Pick<KeychainItem, 'attributes' | 'pdmn'> | undefined {
  if (data.length < HEAD_BYTES + WRAPPED_KEY_BYTES) return undefined;
  const head = new DataView(data.buffer, data.byteOffset, HEAD_BYTES);
  if (head.getUint32(0, true) !== ITEM_VERSION || head.getUint32(8, true) !== WRAPPED_KEY_BYTES)
    return undefined;
  const itemClass = head.getUint32(4, true);
  const pdmn = Object.keys(KEYCHAIN_CLASSES).find((name) => KEYCHAIN_CLASSES[name] === itemClass);
  const classKey = keyOf(itemClass);
  if (pdmn === undefined || classKey === undefined) return undefined;
  const rest = data.subarray(HEAD_BYTES + WRAPPED_KEY_BYTES);
  const key = unwrapKey(classKey, data.subarray(HEAD_BYTES, HEAD_BYTES + WRAPPED_KEY_BYTES));
  const attributes = key && openItem(key, rest);
  return attributes && { pdmn, attributes };
}
