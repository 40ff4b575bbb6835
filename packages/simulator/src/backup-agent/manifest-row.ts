import { hash } from 'node:crypto';
import { encodeBinaryPlist, type PlistDict } from '@rootcellar/codecs';
import type { BackupEntry } from '../content/backup-entries.ts';
import type { PhoneNode } from '../file-system/phone-file-system.ts';

/** One row of Manifest.db: a file, folder or link of the phone and all that is kept about it. */
export interface ManifestRow {
  /** SHA-1 of domain and path: the payload's name on the host. */
  readonly fileID: string;
  readonly domain: string;
  readonly relativePath: string;
  /** With the type bits: 0o100644. */
  readonly mode: number;
  readonly inode: number;
  readonly userID: number;
  readonly groupID: number;
  readonly modifiedAt: number;
  readonly changedAt: number;
  readonly bornAt: number;
  readonly sizeBytes: number;
  readonly protectionClass: number;
  readonly flags: number;
  readonly extendedAttributes: ReadonlyMap<string, Uint8Array>;
  /** Of links. */
  readonly target?: string | undefined;
  /** SHA-1 of the payload as stored on the host, in domains that have it. */
  readonly digest?: Uint8Array | undefined;
  /** Of files in encrypted backups: the class, and the key of the payload locked with that of the class. */
  readonly encryptionKey?: Uint8Array | undefined;
}

/** Type bits of `st_mode`. */
export const FILE_TYPE = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;
export const FILE_TYPE_MASK = 0o170000;

/** Extended attributes above this are not backed up. Source: backup-format specification, section 3.4. */
const EXTENDED_ATTRIBUTES_BYTES_MAX = 2048;

export function fileIDOf(domain: string, relativePath: string): string {
  return hash('sha1', `${domain}-${relativePath}`);
}

/**
 * Rows by the attributes they were made from: every change of a node gives it new ones, so these rows
 * are still true. A phone of 300,000 files is then scanned in a part of the time.
 */
const knownRows = new WeakMap<PhoneNode['attributes'], ManifestRow>();

/** The row of what stands on the phone now, without digest. */
export function rowOf(entry: BackupEntry): ManifestRow {
  const { domain, relativePath, node } = entry;
  const known = knownRows.get(node.attributes);
  if (known !== undefined && known.relativePath === relativePath && known.domain === domain) return known;
  const row = newRow(entry);
  knownRows.set(node.attributes, row);
  return row;
}

function newRow({ domain, relativePath, node }: BackupEntry): ManifestRow {
  const { attributes } = node;
  return {
    fileID: fileIDOf(domain, relativePath),
    domain,
    relativePath,
    mode: FILE_TYPE[node.kind] | attributes.permissions,
    inode: node.inode,
    userID: attributes.userID,
    groupID: attributes.groupID,
    modifiedAt: attributes.modifiedAt,
    changedAt: attributes.changedAt,
    bornAt: attributes.bornAt,
    sizeBytes: node.sizeBytes,
    protectionClass: attributes.protectionClass,
    flags: attributes.flags,
    extendedAttributes: fittingAttributes(attributes.extendedAttributes),
    target: node.target,
  };
}

export function isFileRow(row: ManifestRow): boolean {
  return (row.mode & FILE_TYPE_MASK) === FILE_TYPE.file;
}

/** What the row is of; `undefined` if its type bits say nothing we know. */
export function kindOfRow(row: ManifestRow): PhoneNode['kind'] | undefined {
  const type = row.mode & FILE_TYPE_MASK;
  if (type === FILE_TYPE.file) return 'file';
  if (type === FILE_TYPE.folder) return 'folder';
  return type === FILE_TYPE.link ? 'link' : undefined;
}

/** Do both describe the same state of the same thing? The digest follows from the rest. */
export function sameState(left: ManifestRow, right: ManifestRow): boolean {
  return (
    left.fileID === right.fileID &&
    left.mode === right.mode &&
    left.inode === right.inode &&
    left.userID === right.userID &&
    left.groupID === right.groupID &&
    left.modifiedAt === right.modifiedAt &&
    left.changedAt === right.changedAt &&
    left.bornAt === right.bornAt &&
    left.sizeBytes === right.sizeBytes &&
    left.protectionClass === right.protectionClass &&
    left.flags === right.flags &&
    left.target === right.target &&
    sameAttributes(left.extendedAttributes, right.extendedAttributes)
  );
}

/** The nested property list of the `ExtendedAttributes` field. */
export function encodeAttributes(attributes: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const dict: PlistDict = Object.assign(Object.create(null), Object.fromEntries(attributes));
  return encodeBinaryPlist(dict);
}

function fittingAttributes(attributes: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  if (attributes.size === 0) return attributes;
  return encodeAttributes(attributes).length <= EXTENDED_ATTRIBUTES_BYTES_MAX ? attributes : new Map();
}

function sameAttributes(
  left: ReadonlyMap<string, Uint8Array>,
  right: ReadonlyMap<string, Uint8Array>,
): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(
    ([name, bytes]) => Buffer.from(bytes).equals(right.get(name) ?? new Uint8Array([0])) && right.has(name),
  );
}
