import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readInfo, readManifestPlist, readStatus } from '@rootcellar/backup';
import { folderTree, KnownError, treeErrorFor } from '@rootcellar/core';
import { z } from 'zod';
import { countFiles } from './back-up-device/tree-work.ts';
import { isBackup } from './backup-source.ts';
import { nothingChanged, runOperation } from './run-operation.ts';
import type { KeptSnapshot } from './vault/kept-snapshots.ts';
import { writePrivateFile } from './vault/private-file.ts';

/*
 * Folders in which backups were made as plain folders:
 *
 *   <data>/folders.json     {"version":1,"folders":["/home/ann/Backups"]}
 */

const KNOWN = z.object({ version: z.literal(1), folders: z.array(z.string().min(1).max(4096)).max(100) });

const FOLDERS_MAX = 100;

/** Remembers a folder that holds backups, so that lists can show them. That is no reason to fail. */
export async function rememberFolder(dataFolder: string, folder: string): Promise<void> {
  const others = (await rememberedFolders(dataFolder)).filter((other) => other !== resolve(folder));
  const folders = [resolve(folder), ...others].slice(0, FOLDERS_MAX);
  const content: z.input<typeof KNOWN> = { version: 1, folders };
  await writePrivateFile(join(dataFolder, 'folders.json'), `${JSON.stringify(content)}\n`).catch(() => {});
}

/** It only makes lists longer: what cannot be read or understood is left out. */
async function rememberedFolders(dataFolder: string): Promise<readonly string[]> {
  try {
    return KNOWN.parse(JSON.parse(await readFile(join(dataFolder, 'folders.json'), 'utf8'))).folders;
  } catch {
    return [];
  }
}

/** Where Finder and iTunes keep theirs. Source: backup-format §1. */
function foldersOfApple(): readonly string[] {
  const { APPDATA, USERPROFILE } = process.env;
  if (process.platform === 'darwin')
    return [join(homedir(), 'Library', 'Application Support', 'MobileSync', 'Backup')];
  if (process.platform !== 'win32') return [];
  return [
    ...(APPDATA
      ? ['Apple Computer', 'Apple'].map((maker) => join(APPDATA, maker, 'MobileSync', 'Backup'))
      : []),
    ...(USERPROFILE ? [join(USERPROFILE, 'Apple', 'MobileSync', 'Backup')] : []),
  ];
}

/** The backups in folders that are known, and where Finder and iTunes keep theirs. A folder that is not there has none. */
export function listFolderBackups(dataFolder: string): Promise<readonly KeptSnapshot[]> {
  return runOperation(async () => {
    const homes = new Set([...(await rememberedFolders(dataFolder)), ...foldersOfApple()]);
    const found = await Promise.all([...homes].map(backupsIn));
    return found.flat().sort((one, other) => (other.takenAt?.getTime() ?? 0) - (one.takenAt?.getTime() ?? 0));
  }, nothingChanged);
}

async function backupsIn(home: string): Promise<readonly KeptSnapshot[]> {
  const names = await readdir(home).catch(() => []);
  const folders = names.map((name) => join(home, name)).filter(isBackup);
  const found = await Promise.all(folders.map((folder) => describe(folder).catch(unlessKnown)));
  return found.filter((backup) => backup !== undefined);
}

/** One that cannot be read does not hide the others. */
function unlessKnown(error: unknown): undefined {
  if (!(treeErrorFor(error) instanceof KnownError)) throw error;
  return undefined;
}

async function describe(folder: string): Promise<KeptSnapshot> {
  const tree = folderTree(folder);
  const plist = await readManifestPlist(tree).catch(() => undefined);
  const info = await readInfo(tree).catch(() => undefined);
  const status = await readStatus(tree).catch(() => undefined);
  const lockdown = plist?.lockdown;
  return {
    id: folder,
    recordID: undefined,
    kind: 'folder',
    udid: lockdown?.uniqueDeviceID ?? folder.slice(resolve(folder, '..').length + 1),
    deviceName: lockdown?.deviceName ?? info?.deviceName,
    productType: lockdown?.productType,
    productVersion: lockdown?.productVersion,
    takenAt: status?.date,
    sizeBytes: (await countFiles(tree)).bytes,
    addedBytes: undefined,
    encrypted: plist?.isEncrypted ?? false,
    kept: undefined,
    verifiedAt: undefined,
    damagedAt: undefined,
    archived: false,
    imported: false,
    incomplete: status?.snapshotState !== undefined && status.snapshotState !== 'finished',
    foundAgain: false,
    readable: true,
  };
}
