import {
  asArray,
  asData,
  asDict,
  asString,
  encodeBinaryPlist,
  type PlistDict,
  parseBinaryPlist,
} from '@rootcellar/codecs';

/**
 * The keychain of a simulated phone, readable to it. A real one has a database, `keychain-2.db`, and
 * writes this file for each backup; here the file is the keychain, and a backup gets a sealed copy.
 */
export const KEYCHAIN = { domain: 'KeychainDomain', relativePath: 'keychain-backup.plist' } as const;
export const KEYCHAIN_PATH = '/var/Keychains/keychain-backup.plist';

/** Passwords of apps and networks, of the web, certificates, keys. Source: backup-format specification, 5.7. */
export const KEYCHAIN_TABLES = ['genp', 'inet', 'cert', 'keys'] as const;
export type KeychainTable = (typeof KEYCHAIN_TABLES)[number];

/**
 * When an item can be read, by its `pdmn`, and the class of the key that locks it; `u` at the end is
 * "this device only". Items of other kinds never leave the phone: `akpu` needs its passcode.
 * Source: backup-format specification, section 5.1.
 */
export const KEYCHAIN_CLASSES: Readonly<Record<string, number>> = {
  ak: 6,
  ck: 7,
  dk: 8,
  aku: 9,
  cku: 10,
  dku: 11,
};

export interface KeychainItem {
  readonly table: KeychainTable;
  /** Number of the row in its table. */
  readonly row: number;
  readonly pdmn: string;
  /** A DER set of names and values, the secret among them as `v_Data`. */
  readonly attributes: Uint8Array;
}

export function encodeKeychain(items: readonly KeychainItem[]): Uint8Array {
  return encodeKeychainTables(items, ({ pdmn, attributes }) => ({ pdmn, v_Data: attributes }));
}

/** Items that cannot be read are left out; so is everything if it is no keychain. */
export function parseKeychain(bytes: Uint8Array): readonly KeychainItem[] {
  return parseKeychainTables(bytes, ({ table, row, entry }) => {
    const pdmn = asString(entry['pdmn']);
    const attributes = asData(entry['v_Data']);
    return pdmn === undefined || attributes === undefined ? undefined : { table, row, pdmn, attributes };
  });
}

/** The shape that both share: four arrays, whose entries say which row they were. */
export function encodeKeychainTables(
  items: readonly KeychainItem[],
  encode: (item: KeychainItem) => PlistDict,
): Uint8Array {
  const entries = (table: KeychainTable): readonly PlistDict[] =>
    items
      .filter((item) => item.table === table)
      .map((item) => ({ ...encode(item), v_PersistentRef: persistentReference(item) }));
  return encodeBinaryPlist(Object.fromEntries(KEYCHAIN_TABLES.map((table) => [table, entries(table)])));
}

export interface KeychainEntry {
  readonly table: KeychainTable;
  readonly row: number;
  readonly entry: PlistDict;
}

export function parseKeychainTables(
  bytes: Uint8Array,
  parse: (entry: KeychainEntry) => KeychainItem | undefined,
): readonly KeychainItem[] {
  const tables = parseOrNothing(bytes) ?? {};
  return KEYCHAIN_TABLES.flatMap((table) =>
    (asArray(tables[table]) ?? []).flatMap((value) => {
      const entry = asDict(value);
      const row = rowIn(asData(entry?.['v_PersistentRef']));
      return (entry !== undefined && row !== undefined && parse({ table, row, entry })) || [];
    }),
  );
}

/** The table's name, and the row in eight bytes, highest first. */
function persistentReference({ table, row }: KeychainItem): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.write(table, 'latin1');
  bytes.writeBigUInt64BE(BigInt(row), 4);
  return new Uint8Array(bytes);
}

function rowIn(reference: Uint8Array | undefined): number | undefined {
  if (reference?.length !== 12) return undefined;
  const row = Number(Buffer.from(reference).readBigUInt64BE(4));
  return Number.isSafeInteger(row) ? row : undefined;
}

function parseOrNothing(bytes: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parseBinaryPlist(bytes));
  } catch {
    return undefined;
  }
}
