import { type BackupKeys, blobPath, isFileID, openManifest, readManifestPlist } from '@rootcellar/backup';
import {
  type ByteRange,
  joinPath,
  nameOf,
  type ReadableTree,
  ROOT,
  Secret,
  type TreeEntry,
  type TreePath,
  treePath,
} from '@rootcellar/core';
import { type CipherRecord, decodeCipherList, encodeCipherList, recordFromEnd } from '@rootcellar/vault';
import { type CipherRecords, CipherTable } from './cipher-table.ts';

/*
 * A backup that is kept small lies in the vault decrypted. For each file that was decrypted there is a record, from
 * which the bytes that the phone sent are made again. See docs/formats/vault.md.
 */

export const NO_RECORDS: CipherRecords = new CipherTable();

/** Where a snapshot has the list of its records. */
export const CIPHER_LIST = treePath('.rootcellar/cipher.jsonl');

const MANIFEST = treePath('Manifest.db');

/** The name under which the records know a file of the device folder; `undefined` for those that none can have. */
export function recordNameOf(path: TreePath): string | undefined {
  if (path === MANIFEST) return MANIFEST;
  const name = nameOf(path);
  return isFileID(name) && path === `${name.slice(0, 2)}/${name}` ? name : undefined;
}

/** The opposite. */
export function recordPathOf(name: string): TreePath {
  return name === MANIFEST ? MANIFEST : blobPath(name);
}

/** @param home a snapshot. Without a list, nothing in it was decrypted */
export async function readCipherRecords(home: ReadableTree): Promise<CipherRecords> {
  if ((await home.stat(CIPHER_LIST)) === undefined) return NO_RECORDS;
  const records = new CipherTable();
  for await (const record of decodeCipherList(home.read(CIPHER_LIST))) records.add(record);
  return records;
}

/** The list of records, as a snapshot has it. */
export function encodeCipherRecords(records: CipherRecords): AsyncIterable<Uint8Array> {
  return encodeCipherList(records.inOrder());
}

export interface MakeOptions {
  /** The whole new backup, as the device sent it. */
  readonly device: ReadableTree;
  /** What was sent now: only that is decrypted. */
  readonly upper: ReadableTree;
  readonly keys: BackupKeys;
  /** Of the snapshot before: they hold for what did not change. */
  readonly earlier: CipherRecords;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (sofar: { readonly files: number; readonly bytes: number }) => void;
}

/**
 * The records of a new backup: of each file that was sent and ends as what was encrypted ends. The others are kept as
 * they are. Here only the ends are looked at; when a file is stored, all of it is encrypted again and compared.
 */
export async function makeRecords(options: MakeOptions): Promise<CipherRecords> {
  const { device, upper, keys, earlier, signal } = options;
  const records = new CipherTable();
  const manifest = await openManifest(device, { keys, ...(signal && { signal }) });
  const sofar = { files: 0, bytes: 0 };
  try {
    for (const fileID of manifest.fileIDsOfFiles()) {
      signal?.throwIfAborted();
      const path = manifest.blobPath(fileID);
      const sent = await upper.stat(path);
      const before = earlier.get(fileID);
      if (sent === undefined) {
        if (before) records.add(before);
        continue;
      }
      const wrapped = manifest.entry(fileID)?.encryptionKey;
      const record = wrapped && (await recordOf(upper, sent, fileID, openKey(keys, wrapped)));
      if (record) records.add(record);
      sofar.files += 1;
      sofar.bytes += sent.sizeBytes;
      options.onProgress(sofar);
    }
  } finally {
    await manifest.close();
  }
  const list = await recordOfManifest(options);
  if (list) records.add(list);
  return records;
}

/** The list of files is new in every backup. */
async function recordOfManifest({ device, keys }: MakeOptions): Promise<CipherRecord | undefined> {
  const { manifestKey } = await readManifestPlist(device);
  const entry = await device.stat(joinPath(ROOT, MANIFEST));
  return manifestKey && entry && recordOf(device, entry, MANIFEST, openKey(keys, manifestKey));
}

async function recordOf(
  tree: ReadableTree,
  { path, sizeBytes }: TreeEntry,
  file: string,
  key: Secret<Uint8Array> | undefined,
): Promise<CipherRecord | undefined> {
  if (key === undefined) return undefined;
  const read = (range: ByteRange) => tree.read(path, range);
  const record = await recordFromEnd({ key, storedBytes: sizeBytes, read });
  return record.isPadded ? { file, ...record } : undefined;
}

/** A key that does not open is damage, which was found before; the file is then kept as it is. */
function openKey(keys: BackupKeys, wrapped: Uint8Array): Secret<Uint8Array> | undefined {
  try {
    return new Secret(keys.openKey(wrapped));
  } catch {
    return undefined;
  }
}
