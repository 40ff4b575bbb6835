import {
  asArray,
  asData,
  asDict,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { KnownError, Secret } from '@rootcellar/core';
import { backupError } from '../errors.ts';
import { type AttributeValue, type ItemAttributes, parseItemAttributes } from './item-attributes.ts';
import { isKnownVersion, openItem, parseSealedItem, type SealedItem } from './item-seal.ts';

/** Where a backup keeps the passwords. */
export const KEYCHAIN_FILE = { domain: 'KeychainDomain', relativePath: 'keychain-backup.plist' } as const;

/** Passwords of apps and networks, of web sites; certificates; keys. Source: backup-format §5.7. */
const KINDS = ['genp', 'inet', 'cert', 'keys'] as const;
export type KeychainKind = (typeof KINDS)[number];

/** When the device gives an item out, in Apple's words (`kSecAttrAccessible…`). Source: backup-format §5.1. */
const PROTECTION_NAMES = {
  6: 'WhenUnlocked',
  7: 'AfterFirstUnlock',
  8: 'Always',
  9: 'WhenUnlockedThisDeviceOnly',
  10: 'AfterFirstUnlockThisDeviceOnly',
  11: 'AlwaysThisDeviceOnly',
} as const;
export type KeychainProtection = (typeof PROTECTION_NAMES)[keyof typeof PROTECTION_NAMES];

/** A phone has a few thousand items of less than 10 KB, five values each. */
const LIMITS = { bytesMax: 64 * 1024 * 1024, valuesMax: 1_000_000, depthMax: 16 };

/** What opens items; the keys of an unlocked backup do. */
export interface KeychainKeys {
  /** 32 bytes, or `undefined` if there is no such key here. */
  classKey(protectionClass: number): Uint8Array | undefined;
  isDeviceOnly(protectionClass: number): boolean;
}

/** Of a backup without password: the device itself has wrapped everything. */
export const NO_KEYCHAIN_KEYS: KeychainKeys = { classKey: () => undefined, isDeviceOnly: () => true };

/**
 * - `this-device-only`: only the device that was backed up can open it
 * - `damaged`: it should open and does not
 * - `unknown-version`: sealed in a way that we do not know, as by iOS 6 and older
 */
export type KeychainItemState = 'readable' | 'this-device-only' | 'damaged' | 'unknown-version';

/** One item. All but kind, class and state are only known of a readable one, and may be missing there. */
export interface KeychainItem {
  readonly kind: KeychainKind;
  readonly state: KeychainItemState;
  readonly protectionClass: number | undefined;
  /** `undefined` for a class that we do not know. */
  readonly protection: KeychainProtection | undefined;
  readonly account: string | undefined;
  /** Of `genp`; `AirPort` is a wireless network, and its name the account. */
  readonly service: string | undefined;
  /** Of `inet`, with the next four. */
  readonly server: string | undefined;
  readonly protocol: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
  readonly securityDomain: string | undefined;
  readonly label: string | undefined;
  readonly description: string | undefined;
  /** Of the apps that may use it. */
  readonly accessGroup: string | undefined;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
  /** Is it kept in iCloud too? */
  readonly isSynchronized: boolean;
  /** A mark for other devices that the item was deleted. */
  readonly isDeleted: boolean;
  /** The password, certificate or key as the app stored it; a password is mostly UTF-8. */
  readonly secret: Secret<Uint8Array> | undefined;
}

/**
 * Reads keychain-backup.plist. Items are opened one by one, as they are asked for.
 *
 * @param bytes the file as it was on the device
 * @throws `backup.keychain-damaged` if it is no list of items; a damaged item is no error
 */
export function readKeychain(bytes: Uint8Array, keys: KeychainKeys): Iterable<KeychainItem> {
  return itemsOf(parseKeychain(bytes), keys);
}

function parseKeychain(bytes: Uint8Array): PlistDict {
  try {
    const dict = asDict(parsePropertyList(bytes, LIMITS));
    if (dict !== undefined) return dict;
  } catch (error) {
    throw backupError('keychain-damaged', {}, error);
  }
  throw backupError('keychain-damaged');
}

function* itemsOf(dict: PlistDict, keys: KeychainKeys): Generator<KeychainItem, void> {
  for (const kind of KINDS) {
    for (const row of asArray(dict[kind]) ?? []) yield itemOf(kind, row, keys);
  }
}

function itemOf(kind: KeychainKind, row: PlistValue, keys: KeychainKeys): KeychainItem {
  const bytes = asData(asDict(row)?.['v_Data']);
  const sealed = bytes && parseSealedItem(bytes);
  if (sealed === undefined) return describe(kind, 'damaged', undefined);
  const { protectionClass } = sealed;
  if (!isKnownVersion(sealed)) return describe(kind, 'unknown-version', undefined);
  if (keys.isDeviceOnly(protectionClass)) return describe(kind, 'this-device-only', protectionClass);
  const attributes = tryAttributes(sealed, keys.classKey(protectionClass));
  return describe(kind, attributes ? 'readable' : 'damaged', protectionClass, attributes);
}

function tryAttributes(sealed: SealedItem, classKey: Uint8Array | undefined): ItemAttributes | undefined {
  const content = classKey && openItem(sealed, classKey);
  if (content === undefined) return undefined;
  try {
    return parseItemAttributes(content);
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

function describe(
  kind: KeychainKind,
  state: KeychainItemState,
  protectionClass: number | undefined,
  attributes: ItemAttributes = new Map(),
): KeychainItem {
  const text = (name: string) => textOf(attributes.get(name));
  return {
    kind,
    state,
    protectionClass,
    protection: PROTECTION_NAMES[protectionClass as keyof typeof PROTECTION_NAMES],
    account: text('acct'),
    service: text('svce'),
    server: text('srvr'),
    protocol: text('ptcl'),
    port: numberOf(attributes.get('port')),
    path: text('path'),
    securityDomain: text('sdmn'),
    label: text('labl'),
    description: text('desc'),
    accessGroup: text('agrp'),
    createdAt: dateOf(attributes.get('cdat')),
    modifiedAt: dateOf(attributes.get('mdat')),
    isSynchronized: isYes(attributes.get('sync')),
    isDeleted: isYes(attributes.get('tomb')),
    secret: secretOf(attributes.get('v_Data')),
  };
}

/** Apps may store names as bytes; those that are no text stay out. */
function textOf(value: AttributeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return typeof value === 'string' ? value : undefined;
  const text = Buffer.from(value).toString();
  return Buffer.from(text).equals(value) ? text : undefined;
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

function dateOf(value: AttributeValue | undefined): Date | undefined {
  return value instanceof Date ? value : undefined;
}

function isYes(value: AttributeValue | undefined): boolean {
  return value === true || (typeof value === 'bigint' && value !== 0n);
}

function secretOf(value: AttributeValue | undefined): Secret<Uint8Array> | undefined {
  if (typeof value === 'string') return new Secret(new TextEncoder().encode(value));
  return value instanceof Uint8Array ? new Secret(value) : undefined;
}
