import {
  type BackupKeys,
  type BackupStatus,
  blobPath,
  checkWhole,
  encodeReceivedHashes,
  FileIDSet,
  readManifestPlist,
  readStatus,
} from '@rootcellar/backup';
import {
  joinPath,
  nameOf,
  nestedTree,
  type ProgressListener,
  type ReadableTree,
  ROOT,
  subTree,
  type TreePath,
  unionTree,
} from '@rootcellar/core';
import { openSnapshot, type Snapshot } from '@rootcellar/vault';
import { hashFileOf } from '../back-up-device/folder-hashes.ts';
import { keysOf, type PasswordSource } from '../backup-password.ts';
import { findBackup } from '../backup-source.ts';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import {
  CIPHER_LIST,
  encodeCipherRecords,
  makeRecords,
  NO_RECORDS,
  readCipherRecords,
  recordNameOf,
} from './cipher-records.ts';
import type { CipherRecords } from './cipher-table.ts';
import { decryptedTree, encryptedTree } from './cipher-trees.ts';
import { generatedTree, type MakeContent } from './generated-tree.ts';
import {
  IMPORTED_TAG,
  openOrCreatePhoneVault,
  openPhoneVault,
  type PhoneVault,
  requireUdid,
} from './phone-vault.ts';
import { chooseKept } from './remembered-kept.ts';
import { rememberImported } from './remembered-newest.ts';
import { saveDeviceSnapshot } from './save-device-snapshot.ts';
import { unchangedFiles } from './unchanged-files.ts';
import type { Kept } from './vault-target.ts';
import { giveUpDamaged, newestWhole } from './whole-base.ts';

export interface ImportFolderOptions {
  readonly dataFolder: string;
  /** A backup folder made by anyone, or a folder that holds exactly one. */
  readonly folder: string;
  /** How an encrypted one is kept; remembered. Default: what is remembered, else `usualKept`. */
  readonly keep?: Kept | undefined;
  /** Of an encrypted one that is to be kept small; without it, it is kept sealed. */
  readonly password?: PasswordSource | undefined;
  /** Read every file, also those that seem not to have changed. Default: `false`. */
  readonly full?: boolean | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportReport {
  readonly snapshot: string;
  readonly udid: string;
  readonly files: number;
  readonly bytes: number;
  /** Of these the content was read; the others are in the vault already, by what can be seen from outside. */
  readonly filesRead: number;
  /** What it added to the vault. */
  readonly addedBytes: number;
}

/**
 * Takes a backup folder into the vault of its phone. The folder is not changed. Imported again, a file is read only if its
 * size, its date or what the list of files says of it is another; of an encrypted backup that is kept sealed all are
 * read as soon as that list is another one, since nobody can look into it. An edit that changes none of these is not
 * seen, except with `full`.
 *
 * @throws `operation.folder-*`, `operation.import-not-finished`, `operation.import-not-whole`,
 *   `operation.device-busy`, `backup.password-wrong` as `OperationFailure`
 */
export function importFolder(options: ImportFolderOptions): Promise<ImportReport> {
  const { dataFolder, folder, signal } = options;
  return runOperation(
    async () => {
      const found = await findBackup(folder);
      const { tree, received } = await found.open();
      const status = await requireFinished(tree);
      const { lockdown } = await readManifestPlist(tree);
      const udid = lockdown.uniqueDeviceID ?? (await found.lockName());
      requireUdid(udid);
      const unlock = await lockDevice({ dataFolder, udid, operation: 'import' });
      try {
        const there = await openPhoneVault(dataFolder, udid, { signal });
        const keep = await chooseKept(dataFolder, udid, options.keep);
        const keys = keep === 'small' ? await keysOf(tree, options.password, signal) : undefined;
        const earlier = there && (await openEarlier(there, { ...options, tree, keys }));
        await requireWhole(tree, earlier, signal);
        const vault = there ?? (await openOrCreatePhoneVault(dataFolder, udid, { signal }));
        const beside = new Map<TreePath, MakeContent>();
        if (received) beside.set(hashFileOf(udid), () => encodeReceivedHashes(received, udid));
        return await store(vault, { ...options, keys, tree, earlier, beside, time: status.date });
      } finally {
        await unlock();
      }
    },
    nothingChanged,
    signal,
  );
}

async function requireFinished(tree: ReadableTree): Promise<BackupStatus> {
  const status = await readStatus(tree);
  if (status.snapshotState !== undefined && status.snapshotState !== 'finished')
    throw operationError('import-not-finished');
  return status;
}

/** Of files that did not change since they were found whole, only the names are compared. */
async function requireWhole(
  tree: ReadableTree,
  earlier: Earlier | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { verdict, findings } = await checkWhole(tree, {
    ...(signal && { signal }),
    ...(earlier && { isUnchanged: (fileID: string) => earlier.unchanged.has(fileID) }),
  });
  if (verdict === 'damaged' || verdict === 'incomplete')
    throw operationError('import-not-whole', { findings: findings.length });
}

/** What an earlier backup has put into the vault. */
interface Earlier {
  /** The newest whole one. */
  readonly snapshot: Snapshot;
  /** None any more when those of the new one are made, which has what it needs of them: they take 76 bytes a file. */
  records: CipherRecords;
  /** FileIDs of the blobs that are taken to be as they were then: see `unchangedFiles`. */
  readonly unchanged: FileIDSet;
}

async function openEarlier(
  vault: PhoneVault,
  options: Pick<Storing, 'tree' | 'keys' | 'full' | 'onProgress' | 'signal'>,
): Promise<Earlier | undefined> {
  const { tree, keys, full = false, onProgress, signal } = options;
  const { contents, udid } = vault;
  const told = ({ bytes }: { readonly bytes: number }) => onProgress?.({ phase: 'preparing', bytes });
  await giveUpDamaged(vault, { onProgress: told, signal });
  const { base: snapshot } = await newestWhole(vault, signal);
  if (snapshot === undefined) return undefined;
  const home = openSnapshot(contents, snapshot);
  const records = await readCipherRecords(home);
  const lying = subTree(home, joinPath(ROOT, udid));
  const before = { sent: encryptedTree(lying, records), lying };
  const unchanged = full ? new FileIDSet() : await unchangedFiles(tree, before, { keys, signal });
  return { snapshot, records, unchanged };
}

interface Storing extends ImportFolderOptions {
  readonly tree: ReadableTree;
  /** Of a backup that is to be kept small. */
  readonly keys: BackupKeys | undefined;
  /** What lies beside the backup folder in the snapshot. */
  readonly beside: Map<TreePath, MakeContent>;
  readonly time: Date | undefined;
  readonly earlier: Earlier | undefined;
}

async function store(vault: PhoneVault, storing: Storing): Promise<ImportReport> {
  const { tree, earlier, beside, time, onProgress, signal } = storing;
  const { udid } = vault;
  const parent = earlier?.snapshot;
  const records = await recordsFor(storing);
  if (earlier) earlier.records = NO_RECORDS;
  if (records.size > 0) beside.set(CIPHER_LIST, () => encodeCipherRecords(records));
  const sofar = { files: 0, bytes: 0 };
  let filesRead = 0;
  const snapshot = await saveDeviceSnapshot(vault, {
    kept: records.size > 0 ? 'small' : 'sealed',
    tags: [IMPORTED_TAG],
    tree: unionTree(await generatedTree(beside, time), nestedTree(decryptedTree(tree, records), udid)),
    ...(time && { time }),
    ...(parent && { parent }),
    isUnchanged: ({ path }) => isIn(earlier?.unchanged, udid, path),
    checkpoints: {},
    signal,
    onFile({ sizeBytes, change }) {
      if (change !== 'unmodified') filesRead += 1;
      sofar.files += 1;
      sofar.bytes += sizeBytes;
      onProgress?.({ phase: 'storing', ...sofar });
    },
  });
  const { repository } = vault.contents;
  await rememberImported({ dataFolder: storing.dataFolder, udid, repository }, snapshot);
  const { files = 0, bytes = 0, addedPackedBytes = 0 } = snapshot.summary ?? {};
  return { snapshot: snapshot.id, udid, files, bytes, filesRead, addedBytes: addedPackedBytes };
}

/** @param path in the snapshot */
function isIn(unchanged: FileIDSet | undefined, udid: string, path: TreePath): boolean {
  const name = nameOf(path);
  return unchanged?.has(name) === true && path === `${udid}/${blobPath(name)}`;
}

/** Files that did not change keep the record that they have in the snapshot before. */
async function recordsFor({ tree, earlier, keys, onProgress, signal }: Storing): Promise<CipherRecords> {
  if (keys === undefined) return NO_RECORDS;
  return makeRecords({
    device: tree,
    upper: earlier ? changedPart(tree, earlier) : tree,
    keys,
    earlier: earlier?.records ?? NO_RECORDS,
    signal,
    onProgress: (sofar) => onProgress?.({ phase: 'verifying', ...sofar }),
  });
}

/** A folder without the files that have a record and did not change. */
function changedPart(tree: ReadableTree, { records, unchanged }: Earlier): ReadableTree {
  return {
    list: (folder) => tree.list(folder),
    read: (path, range, options) => tree.read(path, range, options),
    async stat(path) {
      const name = recordNameOf(path);
      const isKept = name !== undefined && records.has(name) && unchanged.has(name);
      return isKept ? undefined : tree.stat(path);
    },
  };
}
