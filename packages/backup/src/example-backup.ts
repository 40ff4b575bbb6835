import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  encodeBinaryPlist,
  encodeKeyedArchive,
  encodeXmlPlist,
  type KeyedObject,
  type KeyedValue,
  keyedMutableData,
  type PlistDict,
} from '@rootcellar/codecs';
import { memoryTree, type TreePath, treePath, type WritableTree } from '@rootcellar/core';
import { exampleEncryption } from './example-encryption.ts';
import { blobPath, fileIDOf } from './folder/blob-path.ts';

/*
 * A backup folder in memory, for the tests of this package. By default it is whole: one file with a digest,
 * one without, one database, one folder, one link.
 */

export interface ExampleFile {
  readonly domain: string;
  readonly relativePath: string;
  readonly content: Uint8Array;
  /** Default: the length of the content. */
  readonly sizeBytes?: number;
  readonly withDigest?: boolean;
  /** Of content that is encrypted already. */
  readonly encryptionKey?: Uint8Array;
}

export interface ExampleOptions {
  readonly files?: readonly ExampleFile[];
  readonly status?: PlistDict;
  readonly manifestPlist?: PlistDict;
  /** Encrypts everything, with few rounds. */
  readonly password?: string;
  /** Changes the finished manifest as a mischievous or careless program would. */
  readonly changeManifest?: (database: DatabaseSync) => void;
}

export const EXAMPLE_UDID = '00008120-0001A2B3C4D5E6F7';

export const PHOTO: ExampleFile = {
  domain: 'CameraRollDomain',
  relativePath: 'Media/DCIM/100APPLE/IMG_0001.JPG',
  content: Uint8Array.from({ length: 5000 }, (_, index) => (index * 31) % 251),
};
export const PREFERENCES: ExampleFile = {
  domain: 'HomeDomain',
  relativePath: 'Library/Preferences/apples.plist',
  content: encodeBinaryPlist({ boskoop: 7 }),
  withDigest: true,
};
export const DATABASE: ExampleFile = {
  domain: 'AppDomain-com.example.app',
  relativePath: 'Documents/apples.sqlite',
  content: databaseBytes((database) => database.exec('CREATE TABLE apple (name TEXT)')),
};

const STATUS: PlistDict = {
  IsFullBackup: true,
  Version: '3.3',
  UUID: '0F0E0D0C-0B0A-0908-0706-050403020100',
  Date: new Date('2026-05-03T08:00:00Z'),
  BackupState: 'new',
  SnapshotState: 'finished',
};
const INFO: PlistDict = { 'Device Name': 'Orchard', 'Target Identifier': EXAMPLE_UDID, Weather: 'fine' };
const MANIFEST: PlistDict = {
  IsEncrypted: false,
  Version: '10.0',
  Lockdown: { UniqueDeviceID: EXAMPLE_UDID },
};

/** What a device writes. Source: manifests of iOS 10.3 to 16. */
const SCHEMA = `
  CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
  CREATE INDEX FilesDomainIdx ON Files(domain);
  CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
  PRAGMA user_version = 2;`;

export async function exampleBackup(options: ExampleOptions = {}): Promise<WritableTree> {
  const files = options.files ?? [PHOTO, PREFERENCES, DATABASE];
  const encryption = options.password === undefined ? undefined : exampleEncryption(options.password);
  const sealed = files.map((file) => ({ ...file, ...encryption?.seal(file.content) }));
  const manifest = manifestOf(sealed, options);
  const tree = memoryTree();
  await write(tree, treePath('Info.plist'), encodeXmlPlist(INFO));
  await write(tree, treePath('Status.plist'), encodeBinaryPlist(options.status ?? STATUS));
  const plist = { ...(options.manifestPlist ?? MANIFEST), ...encryption?.plistKeys };
  await write(tree, treePath('Manifest.plist'), encodeBinaryPlist(plist));
  await write(tree, treePath('Manifest.db'), encryption?.sealManifest(manifest) ?? manifest);
  for (const file of sealed) await write(tree, exampleBlobPath(file), file.content);
  return tree;
}

export function exampleBlobPath({ domain, relativePath }: ExampleFile): TreePath {
  return blobPath(fileIDOf(domain, relativePath));
}

export async function write(tree: WritableTree, path: TreePath, content: Uint8Array): Promise<void> {
  await tree.write(path, [content]);
}

/** A record as a device archives it, with the given fields instead of or beside the usual ones. */
export function archiveRecord(fields: Readonly<Record<string, KeyedValue>>): Uint8Array {
  const usual = {
    InodeNumber: 7,
    UserID: 501,
    GroupID: 501,
    LastModified: 1_610_674_669,
    Birth: 1_610_674_669,
  };
  const record: KeyedObject = {
    className: 'MBFile',
    classes: ['MBFile', 'NSObject'],
    fields: { ...usual, LastStatusChange: 1_610_674_669, ProtectionClass: 3, Flags: 0, ...fields },
  };
  return encodeKeyedArchive(record);
}

function manifestOf(files: readonly ExampleFile[], { changeManifest }: ExampleOptions): Uint8Array {
  return databaseBytes((database) => {
    database.exec(SCHEMA);
    insert(database, 'HomeDomain', '', 2, { Mode: 0o040755, Size: 0 });
    insert(database, 'HomeDomain', 'link', 4, { Mode: 0o120755, Size: 0, Target: '/var/x' });
    for (const file of files) insert(database, file.domain, file.relativePath, 1, fieldsOf(file));
    changeManifest?.(database);
  });
}

function fieldsOf(file: ExampleFile): Record<string, KeyedValue> {
  const fields: Record<string, KeyedValue> = { Mode: 0o100644, Size: file.sizeBytes ?? file.content.length };
  if (file.encryptionKey) fields['EncryptionKey'] = keyedMutableData(file.encryptionKey);
  const digest = createHash('sha1').update(file.content).digest();
  return file.withDigest === true ? { ...fields, Digest: new Uint8Array(digest) } : fields;
}

export function insert(
  database: DatabaseSync,
  domain: string,
  relativePath: string,
  flags: number,
  fields: Readonly<Record<string, KeyedValue>>,
): void {
  const record = archiveRecord({ RelativePath: relativePath, ...fields });
  database
    .prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)')
    .run(fileIDOf(domain, relativePath), domain, relativePath, flags, record);
}

export function databaseBytes(fill: (database: DatabaseSync) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'rootcellar-example-'));
  try {
    const path = join(folder, 'example.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF');
    fill(database);
    database.close();
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
