import {
  asArray,
  asData,
  asDict,
  asString,
  encodeBinaryPlist,
  type PlistDict,
  PlistUid,
  type PlistValue,
  parseBinaryPlist,
} from '@rootcellar/codecs';
import { signedInteger } from './device-link.ts';
import { encodeAttributes, type ManifestRow } from './manifest-row.ts';
import { encodePlainMBFile, isPlain, parsePlainMBFile } from './plain-mb-file.ts';

/**
 * The `file` column: a keyed archive of one MBFile object.
 *
 * Strings and data are objects of their own, referred to by index; numbers stand in the object.
 * Source: backup-format specification, section 3.4 (order of the objects as on real phones).
 */
export function encodeMBFile(row: ManifestRow): Uint8Array {
  return isPlain(row) ? encodePlainMBFile(row) : encodeAnyMBFile(row);
}

/** The same for every row, and slower. */
export function encodeAnyMBFile(row: ManifestRow): Uint8Array {
  const objects: PlistValue[] = ['$null', {}];
  const add = (object: PlistValue): PlistUid => new PlistUid(objects.push(object) - 1);
  const fields: Record<string, PlistValue> = {
    RelativePath: add(row.relativePath),
    ...(row.target === undefined ? {} : { Target: add(row.target) }),
    ...(row.digest === undefined ? {} : { Digest: add(row.digest) }),
    ...(row.encryptionKey === undefined ? {} : { EncryptionKey: addMutableData(row.encryptionKey, add) }),
    Mode: row.mode,
    InodeNumber: row.inode,
    UserID: row.userID,
    GroupID: row.groupID,
    LastModified: row.modifiedAt,
    LastStatusChange: row.changedAt,
    Birth: row.bornAt,
    Size: row.sizeBytes,
    ProtectionClass: row.protectionClass,
    ...(row.extendedAttributes.size === 0
      ? {}
      : { ExtendedAttributes: add(encodeAttributes(row.extendedAttributes)) }),
    Flags: row.flags,
  };
  objects[1] = { ...fields, $class: add({ $classname: 'MBFile', $classes: ['MBFile', 'NSObject'] }) };
  return encodeBinaryPlist({
    $version: 100000,
    $archiver: 'NSKeyedArchiver',
    $top: { root: new PlistUid(1) },
    $objects: objects,
  });
}

/** Data that the phone keeps as an object of its own class, unlike digests. */
function addMutableData(data: Uint8Array, add: (object: PlistValue) => PlistUid): PlistUid {
  const wrapper: Record<string, PlistValue> = { 'NS.data': data };
  const index = add(wrapper);
  wrapper['$class'] = add({
    $classname: 'NSMutableData',
    $classes: ['NSMutableData', 'NSData', 'NSObject'],
  });
  return index;
}

/** What an MBFile says; the rest of a row comes from the other columns. */
export type MBFile = Omit<ManifestRow, 'fileID' | 'domain' | 'relativePath'>;

const NO_ATTRIBUTES: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * Reads an MBFile of any writer. Missing numbers are 0, as on the phone.
 *
 * @param relativePath of the row, for a short cut: archives that we wrote ourselves repeat it
 * @returns `undefined` if it is no such archive
 */
export function parseMBFile(archive: Uint8Array, relativePath?: string): MBFile | undefined {
  const plain = relativePath === undefined ? undefined : parsePlainMBFile(archive, relativePath);
  if (plain !== undefined) return { ...plain, extendedAttributes: NO_ATTRIBUTES };
  const objects = openArchive(archive);
  const root = asDict(objects?.root);
  if (objects === undefined || root === undefined) return undefined;
  const number = (name: string): number => signedInteger(root[name]) ?? 0;
  const attributes = asData(objects.resolve(root['ExtendedAttributes']));
  return {
    mode: number('Mode'),
    inode: number('InodeNumber'),
    userID: number('UserID'),
    groupID: number('GroupID'),
    modifiedAt: number('LastModified'),
    changedAt: number('LastStatusChange'),
    bornAt: number('Birth'),
    sizeBytes: number('Size'),
    protectionClass: number('ProtectionClass'),
    flags: number('Flags'),
    extendedAttributes: attributes === undefined ? NO_ATTRIBUTES : parseAttributes(attributes),
    target: asString(objects.resolve(root['Target'])),
    digest: asData(objects.resolve(root['Digest'])),
    encryptionKey: asData(objects.resolve(root['EncryptionKey'])),
  };
}

interface OpenArchive {
  readonly root: PlistValue | undefined;
  /** Follows a reference; what is none is given back. `{NS.data}` is unwrapped. */
  resolve(value: PlistValue | undefined): PlistValue | undefined;
}

function openArchive(archive: Uint8Array): OpenArchive | undefined {
  const parsed = parseOrNothing(archive);
  const objects = asArray(parsed?.['$objects']);
  if (objects === undefined) return undefined;
  const follow = (value: PlistValue | undefined): PlistValue | undefined =>
    value instanceof PlistUid ? objects[value.value] : value;
  return {
    root: follow(asDict(parsed?.['$top'])?.['root']),
    resolve: (value) => {
      const object = follow(value);
      return follow(asDict(object)?.['NS.data'] ?? object);
    },
  };
}

function parseAttributes(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const attributes = new Map<string, Uint8Array>();
  for (const [name, value] of Object.entries(parseOrNothing(bytes) ?? {})) {
    const data = asData(value);
    if (data !== undefined) attributes.set(name, data);
  }
  return attributes;
}

function parseOrNothing(bytes: Uint8Array): PlistDict | undefined {
  try {
    return asDict(parseBinaryPlist(bytes));
  } catch {
    return undefined;
  }
}
