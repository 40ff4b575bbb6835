import { foreseeing, nameOf, type ReadableTree, ROOT, treePath } from '@rootcellar/core';
import { blobPath, fileIDOf, isFileID } from '../folder/blob-path.ts';
import { type ReceivedHashes, receivedHashOf } from '../folder/received-hashes.ts';
import type { BackupKeys } from '../keybag/backup-keys.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import type { FileIDRange } from '../manifest/pages.ts';
import { checkBlob } from './blob-content.ts';
import { isDamage } from './damage.ts';
import { hashFile } from './proof.ts';
import { isSealed } from './structure.ts';
import type { VerificationReport } from './verification.ts';
import type { Depth, VerifyOptions } from './verify-backup.ts';

/** Blobs lie in folders named after the first two digits of their names. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);

/** AES-CBC with padding: whole blocks, at least one. */
const CIPHER_BLOCK_BYTES = 16;

/** Fetching all of such a file takes as long as fetching its end. */
const SMALL_FILE_BYTES = 64 * 1024;

/** Between two calls of the progress listener. */
const FILES_PER_PROGRESS = 500;

export interface BlobCheck {
  readonly tree: ReadableTree;
  readonly manifest: Manifest;
  readonly report: VerificationReport;
  readonly depth: Depth;
  readonly isEncrypted: boolean;
  readonly keys: BackupKeys | undefined;
  readonly received: ReceivedHashes | undefined;
  /** For private copies; removed with all that is in it when everything was checked. */
  readonly workFolder: string;
  readonly options: VerifyOptions;
}

/**
 * Compares the blobs with the rows that name them, one shard after the other, so that memory holds the names
 * of one shard only.
 */
export async function checkBlobsAndRows(check: BlobCheck): Promise<void> {
  const flat = check.manifest.blobLayout === 'flat' ? await listFlat(check.tree) : undefined;
  for (const [index, shard] of SHARDS.entries()) {
    await checkShard(check, index, flat ? blobsOf(flat, shard) : undefined);
  }
}

/**
 * One of the 256 parts, which know nothing of each other.
 *
 * @param blobs of this part, if they are not to be listed
 */
export async function checkShard(check: BlobCheck, index: number, blobs?: Blobs): Promise<void> {
  const all = blobs ?? (await listBlobs(check.tree, SHARDS[index] as string, check.report));
  await checkRows(check, all, rangeOf(index));
  for (const fileID of all.keys()) check.report.find('blob-without-row', { fileID });
}

/**
 * Without a readable list of files: whether the sizes are possible, and whether each blob is what it was when it
 * arrived, if that was noted.
 */
export async function checkBlobsAlone(
  check: Pick<BlobCheck, 'tree' | 'report' | 'isEncrypted' | 'received' | 'options'>,
): Promise<void> {
  const { tree, report, received, options } = check;
  const missing = new Set(Array.from(received ?? [], ([name]) => name).filter(isFileID));
  for (const shard of SHARDS) {
    options.signal?.throwIfAborted();
    for (const [fileID, sizeBytes] of await listBlobs(tree, shard, report)) {
      report.countFile(sizeBytes);
      missing.delete(fileID);
      await checkBlobAlone(check, fileID, sizeBytes);
    }
    options.onProgress?.(report.progress);
  }
  for (const fileID of missing) report.find('blob-missing', { fileID });
}

async function checkBlobAlone(
  { tree, report, isEncrypted, received, options }: Parameters<typeof checkBlobsAlone>[0],
  fileID: string,
  sizeBytes: number,
): Promise<void> {
  const hash = received && receivedHashOf(received, fileID);
  const isPossible = sizeBytes > 0 && sizeBytes % CIPHER_BLOCK_BYTES === 0;
  if (hash !== undefined) {
    try {
      const isSame = (await hashFile(tree, blobPath(fileID), 'sha256', options.signal)).equals(hash);
      if (isSame) report.countGood('digest');
      else report.find('changed-since-received', { fileID });
    } catch (error) {
      if (!isDamage(error)) throw error;
      report.find('blob-unreadable', { fileID });
    }
  } else if (isEncrypted && !isPossible) report.find('blob-size-impossible', { fileID });
}

/** Sizes by name; taken out once a row names them. */
type Blobs = Map<string, number>;

async function listBlobs(tree: ReadableTree, shard: string, report: VerificationReport): Promise<Blobs> {
  const blobs: Blobs = new Map();
  const folder = treePath(shard);
  const entry = await tree.stat(folder);
  if (entry !== undefined && entry.kind !== 'folder') report.find('name-unexpected', { path: shard });
  if (entry?.kind !== 'folder') return blobs;
  for await (const { path, kind, sizeBytes } of tree.list(folder)) {
    const name = nameOf(path);
    const isBlob = kind === 'file' && isFileID(name);
    if (isBlob && name.startsWith(shard)) blobs.set(name, sizeBytes);
    else if (isBlob) report.find('blob-misplaced', { fileID: name, path });
    else report.find('name-unexpected', { path });
  }
  return blobs;
}

/** Up to iOS 9 all blobs lay beside the control files. */
async function listFlat(tree: ReadableTree): Promise<Blobs> {
  const blobs: Blobs = new Map();
  for await (const { path, kind, sizeBytes } of tree.list(ROOT)) {
    if (kind === 'file' && isFileID(nameOf(path))) blobs.set(nameOf(path), sizeBytes);
  }
  return blobs;
}

function blobsOf(all: Blobs, shard: string): Blobs {
  return new Map([...all].filter(([name]) => name.startsWith(shard)));
}

/** The ranges of all shards leave no gap: a row whose fileID is no hex falls into one of them. */
function rangeOf(index: number): FileIDRange {
  const afterFileID = index === 0 ? '' : (SHARDS[index] as string);
  const next = SHARDS[index + 1];
  return next === undefined ? { afterFileID } : { afterFileID, throughFileID: next };
}

async function checkRows(check: BlobCheck, blobs: Blobs, range: FileIDRange): Promise<void> {
  const { tree, manifest, report, options } = check;
  if (options.isUnchanged) return checkChangedRows(check, blobs, range, options.isUnchanged);
  let count = 0;
  const rows = manifest.entries({ ...range, onFinding: report.add });
  const fileOf = (entry: ManifestEntry) => {
    const sizeBytes = blobs.get(entry.fileID);
    const isRead = sizeBytes !== undefined && readsAll(check, entry, sizeBytes);
    return isRead ? { path: manifest.blobPath(entry.fileID), sizeBytes } : undefined;
  };
  for await (const entry of foreseeing(tree, rows, fileOf)) {
    options.signal?.throwIfAborted();
    await checkRow(check, blobs, entry);
    if (++count % FILES_PER_PROGRESS === 0) options.onProgress?.(report.progress);
  }
  options.onProgress?.(report.progress);
}

/** Of a file without a hash, only the end is read, if there are keys for it: which is nearly all of a small one. */
function readsAll(
  { depth, received, isEncrypted, keys }: BlobCheck,
  entry: ManifestEntry,
  sizeBytes: number,
): boolean {
  if (depth === 'names') return false;
  const isHashed =
    entry.digest !== undefined || (received && receivedHashOf(received, entry.fileID) !== undefined);
  if (isHashed) return true;
  return keys !== undefined && sizeBytes <= SMALL_FILE_BYTES && isSealed({ entry, isEncrypted });
}

async function checkChangedRows(
  check: BlobCheck,
  blobs: Blobs,
  range: FileIDRange,
  isUnchanged: (fileID: string) => boolean,
): Promise<void> {
  const { manifest, report, options } = check;
  options.signal?.throwIfAborted();
  for (const fileID of manifest.fileIDsOfFiles(range)) {
    const entry = isUnchanged(fileID) ? undefined : manifest.entry(fileID);
    if (entry) {
      await checkRow(check, blobs, entry);
      continue;
    }
    const sizeBytes = blobs.get(fileID);
    blobs.delete(fileID);
    report.countFile(sizeBytes ?? 0);
    if (sizeBytes === undefined) report.find('blob-missing', { fileID });
  }
  options.onProgress?.(report.progress);
}

async function checkRow(check: BlobCheck, blobs: Blobs, entry: ManifestEntry): Promise<void> {
  const { report } = check;
  const { fileID, domain, relativePath } = entry;
  const place = { fileID, domain, path: relativePath };
  const sizeBytes = blobs.get(fileID);
  blobs.delete(fileID);
  if (fileIDOf(domain, relativePath) !== fileID) report.find('file-id-wrong', place);
  if (entry.kind !== 'file') {
    if (sizeBytes !== undefined) report.find('blob-of-no-file', place);
    return;
  }
  report.countFile(sizeBytes ?? 0);
  if (sizeBytes === undefined) report.find('blob-missing', place);
  else await checkBlob({ ...check, entry, sizeBytes, place });
}
