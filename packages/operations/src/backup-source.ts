import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ReceivedHashes } from '@rootcellar/backup';
import { folderTree, treeError, treeErrorFor, type WritableTree } from '@rootcellar/core';
import { isBeingPlaced, openFinishedBackup, openReceivedHashes } from './back-up-device/backup-folder.ts';
import { operationError } from './errors.ts';

/** A backup to read from. */
export interface BackupSource {
  /** The files of one backup, without a folder around them. */
  readonly tree: WritableTree;
  /** Where it is, for people. */
  readonly folder: string;
  /** The folder in which its files lie as they are; none while a new backup is being put in place. */
  readonly diskFolder: string | undefined;
  /** What is known of its files as they arrived. */
  readonly received: ReceivedHashes | undefined;
}

/** A backup that is kept somewhere, and opened when it is time: after the locks are taken. */
export interface OpenableBackup {
  /** Names the lock under which nobody changes it. */
  readonly lockName: string;
  open(): Promise<BackupSource>;
}

/** A backup folder, a folder that holds exactly one, or a backup that is kept elsewhere. */
export type BackupWhat = string | OpenableBackup;

/** Any of these makes a folder a backup; which of them there are is for the verification to judge. */
const MARKS = ['Manifest.plist', 'Manifest.db', 'Manifest.mbdb', 'Status.plist', 'Info.plist'];

/** A folder with more than this in it is a home folder or a disk, and not one that was meant. */
const ENTRIES_MAX = 10_000;

/**
 * Finds a backup and opens it.
 * @throws as `findBackup`, or as that backup opens
 */
export async function openBackupSource(what: BackupWhat): Promise<BackupSource> {
  return openableBackup(what).open();
}

/** @throws as `findBackup` */
export function openableBackup(what: BackupWhat): OpenableBackup {
  if (typeof what !== 'string') return what;
  const folder = findBackup(what);
  return { lockName: basename(folder), open: () => openFound(folder) };
}

/** Opens a folder that `findBackup` gave. Nobody may be backing up into it meanwhile. */
export async function openFound(folder: string): Promise<BackupSource> {
  const home = folderTree(dirname(folder));
  const tree = await openFinishedBackup(home, basename(folder));
  const received = await openReceivedHashes(home, basename(folder), tree);
  return {
    folder,
    tree,
    received,
    diskFolder: (await isBeingPlaced(home, basename(folder))) ? undefined : folder,
  };
}

/**
 * The folder of the backup that is meant: it is one itself, or it holds exactly one.
 * @throws `operation.folder-unknown`, `operation.folder-ambiguous`, `tree.not-permitted`
 */
export function findBackup(what: string): string {
  const folder = resolve(what);
  if (isBackup(folder)) return folder;
  const [only, ...others] = foldersIn(folder).filter(isBackup);
  if (only === undefined) throw operationError('folder-unknown');
  if (others.length > 0) throw operationError('folder-ambiguous', { count: others.length + 1 });
  return only;
}

function isBackup(folder: string): boolean {
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
