import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  asArray,
  asData,
  asDict,
  DER_TAG,
  type PlistDict,
  PlistUid,
  parseDer,
  parsePropertyList,
} from '@rootcellar/codecs';
import { UDID } from './bench-phone.ts';
import type { StrictHost } from './strict-host.ts';

/*
 * A second reading of the format, for tests: shares nothing with what writes, not even the key wrap, and
 * forgives nothing. Source: backup-format specification, section 5; RFC 3394.
 */

export interface OpenedRow {
  readonly fileID: string;
  readonly domain: string;
  readonly relativePath: string;
  readonly flags: number;
  readonly record: PlistDict;
  /** Of files: as stored, and as they were. */
  readonly stored?: Uint8Array;
  readonly plain?: Uint8Array;
  /** The 44 bytes of `EncryptionKey`. */
  readonly encryptionKey?: Uint8Array;
  readonly digest?: Uint8Array | undefined;
}

export interface OpenedBackup {
  readonly bag: StrictBag;
  readonly manifestPlist: PlistDict;
  readonly rows: ReadonlyMap<string, OpenedRow>;
}

export interface StrictBag {
  readonly header: Readonly<Record<string, Buffer>>;
  /** Tags of the header, then of the groups, in order. */
  readonly tags: readonly string[];
  readonly classes: readonly { readonly name: number; readonly wrap: number; readonly key: Buffer }[];
}

/** Opens all of it, and complains about everything that is not as the format says. */
export function openStrictly(host: StrictHost, password: string): OpenedBackup {
  const file = (name: string): Buffer => Buffer.from(host.files.get(`${UDID}/${name}`) ?? fail(`no ${name}`));
  const manifestPlist = asDict(parsePropertyList(file('Manifest.plist'))) ?? fail('no dictionary');
  if (manifestPlist['IsEncrypted'] !== true) fail('not encrypted');
  const bag = openBag(Buffer.from(asData(manifestPlist['BackupKeyBag']) ?? fail('no keybag')), password);
  const manifestKey = Buffer.from(asData(manifestPlist['ManifestKey']) ?? fail('no manifest key'));
  const db = decrypt(file('Manifest.db'), openKey(bag, manifestKey));
  const rows = new Map<string, OpenedRow>();
  for (const row of readRows(db)) rows.set(row.fileID, openRow(row, bag, file));
  return { bag, manifestPlist, rows };
}

export function openBag(bytes: Buffer, password: string): StrictBag {
  const parts = tlvOf(bytes);
  const firstGroup = parts.findIndex(({ tag }, at) => tag === 'UUID' && at > 5);
  const header = Object.fromEntries(parts.slice(0, firstGroup).map(({ tag, value }) => [tag, value]));
  const number = (name: string): number => (header[name] ?? fail(`no ${name}`)).readUInt32BE();
  const outer = pbkdf2Sync(password, header['DPSL'] ?? fail('no DPSL'), number('DPIC'), 32, 'sha256');
  const lock = pbkdf2Sync(outer, header['SALT'] ?? fail('no SALT'), number('ITER'), 32, 'sha1');
  const classes: { name: number; wrap: number; key: Buffer }[] = [];
  for (let at = firstGroup; at < parts.length; at += 5) {
    const [uuid, clas, wrap, ktyp, wpky] = parts.slice(at, at + 5);
    if (uuid?.tag !== 'UUID' || clas?.tag !== 'CLAS' || wrap?.tag !== 'WRAP' || ktyp?.tag !== 'KTYP')
      fail('a group in another order');
    if (wpky?.tag !== 'WPKY' || ktyp?.value.readUInt32BE() !== 0) fail('a group without key');
    const key = unwrap(lock, wpky?.value ?? fail('no key'));
    classes.push({ name: clas?.value.readUInt32BE() ?? 0, wrap: wrap?.value.readUInt32BE() ?? 0, key });
  }
  return { header, tags: parts.map(({ tag }) => tag), classes };
}

function tlvOf(bytes: Buffer): readonly { readonly tag: string; readonly value: Buffer }[] {
  const parts: { tag: string; value: Buffer }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at + 4);
    const value = bytes.subarray(at + 8, at + 8 + size);
    if (value.length !== size) fail('a value cut short');
    parts.push({ tag: bytes.toString('latin1', at, at + 4), value });
    at += 8 + size;
  }
  return parts;
}

/** A class, lowest byte first, and the wrapped key. */
export function openKey(bag: StrictBag, classed: Buffer): Buffer {
  if (classed.length !== 44) fail('a key of another length');
  const { wrap, key } =
    bag.classes.find(({ name }) => name === classed.readUInt32LE()) ?? fail('a class that is not there');
  if (wrap !== 2) fail('a key that only the device can open');
  return unwrap(key, classed.subarray(4));
}

/** RFC 3394, section 2.2.2, index based. */
export function unwrap(lock: Buffer, wrapped: Buffer): Buffer {
  const registers: Buffer[] = Array.from({ length: wrapped.length / 8 }, (_, at) =>
    Buffer.from(wrapped.subarray(at * 8, at * 8 + 8)),
  );
  const [first = Buffer.alloc(8), ...rest] = registers;
  let a: Buffer = first;
  for (let j = 5; j >= 0; j -= 1) {
    for (let i = rest.length; i >= 1; i -= 1) {
      const t = Buffer.alloc(8);
      t.writeBigUInt64BE(a.readBigUInt64BE() ^ BigInt(rest.length * j + i));
      const block = ecb(lock, Buffer.concat([t, rest[i - 1] ?? fail('no register')]));
      a = block.subarray(0, 8);
      rest[i - 1] = block.subarray(8);
    }
  }
  if (!a.equals(Buffer.alloc(8, 0xa6))) fail('wrong key');
  return Buffer.concat(rest);
}

function ecb(key: Buffer, block: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(block), decipher.final()]);
}

function decrypt(stored: Buffer, key: Buffer): Buffer {
  if (stored.length === 0 || stored.length % 16 !== 0) fail('no whole blocks');
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(stored), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > 16 || !padded.subarray(-pad).every((byte) => byte === pad)) fail('bad padding');
  return padded.subarray(0, -pad);
}

type BareRow = Pick<OpenedRow, 'fileID' | 'domain' | 'relativePath' | 'flags'> & {
  readonly file: Uint8Array;
};

function readRows(database: Buffer): readonly BareRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'strict-decryptor-'));
  try {
    const path = join(folder, 'Manifest.db');
    writeFileSync(path, database);
    const db = new DatabaseSync(path, { readOnly: true });
    const rows = db.prepare('SELECT * FROM Files').all();
    db.close();
    return rows as unknown as readonly BareRow[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function openRow(row: BareRow, bag: StrictBag, file: (name: string) => Buffer): OpenedRow {
  const { fileID, domain, relativePath, flags } = row;
  const objects = asArray(asDict(parsePropertyList(row.file))?.['$objects']) ?? fail('no archive');
  const record = asDict(objects[1]) ?? fail('no record');
  const follow = (value: unknown) => (value instanceof PlistUid ? objects[value.value] : undefined);
  const wrapper = asDict(follow(record['EncryptionKey']));
  if (flags !== 1) {
    if (wrapper !== undefined) fail('a key of what is no file');
    return { fileID, domain, relativePath, flags, record };
  }
  const encryptionKey = Buffer.from(asData(wrapper?.['NS.data']) ?? fail(`no key for ${relativePath}`));
  const kind = asDict(follow(wrapper?.['$class']))?.['$classname'];
  if (kind !== 'NSMutableData') fail('a key of another kind');
  const stored = file(`${fileID.slice(0, 2)}/${fileID}`);
  const digest = asData(follow(record['Digest']));
  if (digest && Buffer.compare(digest, createHash('sha1').update(stored).digest()) !== 0)
    fail(`digest of ${relativePath}`);
  const plain = decrypt(stored, openKey(bag, encryptionKey));
  return { fileID, domain, relativePath, flags, record, stored, plain, encryptionKey, digest };
}

export interface OpenedItem {
  readonly table: string;
  readonly itemClass: number;
  /** Missing if only the device can open it. */
  readonly values: ReadonlyMap<string, Buffer> | undefined;
}

/** Every item of keychain-backup.plist, opened as far as a computer can. Section 5.7. */
export function openKeychainStrictly(plist: Uint8Array, bag: StrictBag): readonly OpenedItem[] {
  return Object.entries(asDict(parsePropertyList(plist)) ?? fail('no keychain')).flatMap(([table, entries]) =>
    (asArray(entries) ?? fail('no items')).map((entry) => {
      const reference = Buffer.from(asData(asDict(entry)?.['v_PersistentRef']) ?? []);
      if (reference.length !== 12 || reference.toString('latin1', 0, 4) !== table) fail('no reference');
      return openItem(table, Buffer.from(asData(asDict(entry)?.['v_Data']) ?? []), bag);
    }),
  );
}

function openItem(table: string, data: Buffer, bag: StrictBag): OpenedItem {
  if (data.readUInt32LE(0) !== 3 || data.readUInt32LE(8) !== 40) fail('an item of another version');
  const itemClass = data.readUInt32LE(4);
  const { key, wrap } = bag.classes.find(({ name }) => name === itemClass) ?? fail('an item without class');
  if (wrap === 3) return { table, itemClass, values: undefined };
  const plain = openGcm(unwrap(key, data.subarray(12, 52)), data.subarray(52, -16), data.subarray(-16));
  const set = parseDer(plain);
  if (set.tagNumber !== DER_TAG.set) fail('an item that is no set');
  const values = set.children.map(({ children: [name, value] }) => {
    if (name?.tagNumber !== DER_TAG.utf8String || value === undefined) fail('a value without name');
    return [Buffer.from(name?.content ?? []).toString(), Buffer.from(value?.content ?? [])] as const;
  });
  return { table, itemClass, values: new Map(values) };
}

/**
 * GCM whose counter begins at zero, by way of a library that wants an IV: the hash over the ciphertext does
 * not depend on the IV, only the mask over it does.
 */
function openGcm(key: Buffer, sealed: Buffer, tag: Buffer): Buffer {
  const first = Buffer.from('00000000000000000000000000000001', 'hex');
  const iv = Buffer.alloc(12, 7);
  const gcm = createCipheriv('aes-256-gcm', key, iv);
  const stream = createCipheriv('aes-256-gcm', key, iv).update(Buffer.alloc(sealed.length));
  if (!gcm.update(xor(stream, sealed)).equals(sealed)) fail('arithmetic');
  gcm.final();
  const mask = (block: Buffer) =>
    createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block);
  const counter = Buffer.concat([iv, Buffer.from([0, 0, 0, 1])]);
  const expected = xor(xor(gcm.getAuthTag(), mask(counter)), mask(Buffer.alloc(16)));
  if (!expected.equals(tag)) fail('the tag of an item');
  return createDecipheriv('aes-256-ctr', key, first).update(sealed);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, at) => byte ^ (right[at] ?? 0)));
}

function fail(what: string): never {
  throw new Error(`Not as the format says: ${what}`);
}
