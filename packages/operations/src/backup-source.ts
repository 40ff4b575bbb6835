import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { ReceivedHashes } from '@rootcellar/backup';
import {
  folderTree,
  joinPath,
  type ReadableTree,
  ROOT,
  saysDamage,
  subTree,
  treeError,
  treeErrorFor,
} from '@rootcellar/core';
import { damagedAt } from '@rootcellar/vault';
import { isBeingPlaced, openFinishedBackup, openReceivedHashes } from './back-up-device/backup-folder.ts';
import { hashFileOf, readHashes } from './back-up-device/folder-hashes.ts';
import { operationError } from './errors.ts';
import { NO_RECORDS, readCipherRecords } from './vault/cipher-records.ts';
import { encryptedTree } from './vault/cipher-trees.ts';
import { type FoundSnapshot, findSnapshotOf } from './vault/find-snapshot.ts';
import { holdVault } from './vault/hold-vault.ts';
import { isIncomplete } from './vault/phone-vault.ts';
import { snapshotHome } from './vault/vault-target.ts';

/** A backup to read from. */
export interface BackupSource {
  /** The files of one backup, without a folder around them. */
  readonly tree: ReadableTree;
  /** Where it is, for people: its folder, or that of the vault. */
  readonly folder: string;
  /** Its id, if it lies in a vault. */
  readonly snapshot: string | undefined;
  /** The folder in which its files lie as they are; none in a vault, or while a new backup is being put in place. */
  readonly diskFolder: string | undefined;
  /** When a check found it damaged, if that was noted: in vaults only. */
  readonly damagedAt?: Date | undefined;
  /** Is it what is left of a backup, or what arrived of one? Known of vaults only. */
  readonly isIncomplete?: boolean | undefined;
  /** What is known of its files as they arrived. */
  readonly received: ReceivedHashes | undefined;
  /** That is kept, and cannot be read: in vaults only. */
  readonly areHashesDamaged?: boolean | undefined;
  /**
   * Does long reading, on all cores, while nobody prunes the vault that it lies in.
   * @throws `vault.locked`, what `work` throws
   */
  hold<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value>;
}

/** A backup that is kept somewhere, and opened when it is time: after the locks are taken. */
export interface OpenableBackup {
  /** Its id, if it lies in a vault and was found there. */
  readonly snapshot?: string | undefined;
  /** Names the lock under which nobody changes it. */
  lockName(): Promise<string>;
  open(): Promise<BackupSource>;
}

/**
 * A backup folder, one that holds exactly one, a snapshot (its id, `latest`, the UDID of its phone), or a backup that is
 * kept elsewhere.
 */
export type BackupWhat = string | OpenableBackup;

/** Any of these makes a folder a backup; which of them there are is for the verification to judge. */
const MARKS = ['Manifest.plist', 'Manifest.db', 'Manifest.mbdb', 'Status.plist', 'Info.plist'];

/** A folder with more than this in it is a home folder or a disk, and not one that was meant. */
const ENTRIES_MAX = 10_000;

/**
 * Finds a backup and opens it.
 * @throws as `findBackup`, or as that backup opens
 */
export async function openBackupSource(what: BackupWhat, dataFolder?: string): Promise<BackupSource> {
  return (await findBackup(what, dataFolder)).open();
}

/**
 * The backup that is meant: a folder, if there is one, else a snapshot in a vault under `dataFolder`, by its id, by
 * `latest`, or by the UDID of its phone, which means the newest one.
 *
 * @throws as `findBackupFolder`; `operation.snapshot-ambiguous`, `operation.vault-key-missing`, `vault.*`
 */
export async function findBackup(what: BackupWhat, dataFolder?: string): Promise<OpenableBackup> {
  if (typeof what !== 'string') return what;
  const found =
    dataFolder === undefined || existsSync(what) ? undefined : await findSnapshotOf(what, dataFolder);
  if (found !== undefined) {
    const lockName = async () => found.vault.udid;
    return { snapshot: found.snapshot.id, lockName, open: () => openFoundSnapshot(found) };
  }
  const isPath = dataFolder === undefined || existsSync(what) || what.includes(sep);
  if (!isPath) throw operationError('snapshot-unknown');
  const folder = findBackupFolder(what);
  return { lockName: async () => basename(folder), open: () => openFolder(folder) };
}

export async function openFoundSnapshot({ vault, snapshot }: FoundSnapshot): Promise<BackupSource> {
  const home = await snapshotHome(vault, snapshot);
  const tree = subTree(home, joinPath(ROOT, vault.udid));
  let areHashesDamaged = false;
  const received = await readHashes(home, hashFileOf(vault.udid), tree).catch((error: unknown) => {
    // The files may be whole all the same.
    if (!saysDamage(error)) throw error;
    areHashesDamaged = true;
    return undefined;
  });
  const hold: BackupSource['hold'] = (work, signal) =>
    holdVault(vault, () => vault.contents.reader.onAllCores(work), signal);
  return {
    folder: vault.location,
    snapshot: snapshot.id,
    damagedAt: damagedAt(snapshot),
    isIncomplete: isIncomplete(snapshot),
    tree,
    received,
    areHashesDamaged,
    diskFolder: undefined,
    hold,
  };
}

/** Nobody may be backing up into it meanwhile. */
async function openFolder(folder: string): Promise<BackupSource> {
  const home = folderTree(dirname(folder));
  const asItLies = await openFinishedBackup(home, basename(folder));
  // Stock restic gives back a snapshot that was kept small as it lies in the vault: decrypted.
  const isAlone = foldersIn(dirname(folder)).filter(isBackup).length === 1;
  const records = isAlone ? await readCipherRecords(home) : NO_RECORDS;
  const tree = records.size > 0 ? encryptedTree(asItLies, records) : asItLies;
  const received = await openReceivedHashes(home, basename(folder), tree);
  const isWhole = records.size === 0 && !(await isBeingPlaced(home, basename(folder)));
  const diskFolder = isWhole ? folder : undefined;
  return { folder, snapshot: undefined, tree, received, diskFolder, hold: (work) => work() };
}

/**
 * The folder of the backup that is meant: it is one itself, or it holds exactly one.
 * @throws `operation.folder-unknown`, `operation.folder-ambiguous`, `tree.not-permitted`
 */
export function findBackupFolder(what: string): string {
  const folder = resolve(what);
  if (isBackup(folder)) return folder;
  const [only, ...others] = foldersIn(folder).filter(isBackup);
  if (only === undefined) throw operationError('folder-unknown');
  if (others.length > 0) throw operationError('folder-ambiguous', { count: others.length + 1 });
  return only;
}

/** Does it look like one? Nothing in it is read. */
export function isBackup(folder: string): boolean {
  return MARKS.some((name) => existsSync(join(folder, name)));
}

function foldersIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    if (names.length > ENTRIES_MAX) return [];
    return names
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  } catch (error) {
    const known = treeErrorFor(error);
    if (treeError.matches(known, 'not-permitted')) throw known;
    return []; // It is not there: it holds nothing that we could restore.
  }
}
