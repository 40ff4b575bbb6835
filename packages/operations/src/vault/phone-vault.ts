import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, type Secret, treeErrorFor } from '@rootcellar/core';
import {
  ARCHIVED_TAG,
  Contents,
  createRepository,
  folderStorage,
  INCOMPLETE_TAG,
  listSnapshots,
  openRepository,
  RECOVERED_TAG,
  type Repository,
  SALVAGED_TAG,
  type Snapshot,
  type Storage,
} from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { newVaultKey, readVaultKey, writeVaultKey } from './vault-key.ts';

/*
 * One vault for each phone: its own key, its own lock, its own retention.
 *
 *   <data>/vaults/<UDID>/      a restic repository
 *   <data>/keys/<UDID>         its password, readable by its owner alone
 *   <data>/staging/<UDID>/     what an unfinished backup has received
 */

export interface PhoneVault {
  readonly udid: string;
  /** Where it lies, for people. */
  readonly folder: string;
  readonly contents: Contents;
}

/** How the folder of a vault is read and written. Tests look over its shoulder. */
export type StorageAt = (folder: string) => Storage;

const foldersOf = (dataFolder: string) => ({
  vaults: join(dataFolder, 'vaults'),
  keys: join(dataFolder, 'keys'),
});

/** It becomes part of paths. Source: device-protocols, shapes of UDIDs. @throws `operation.udid-invalid` */
export function requireUdid(udid: string): void {
  if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(udid)) throw operationError('udid-invalid');
}

export function vaultFolder(dataFolder: string, udid: string): string {
  requireUdid(udid);
  return join(foldersOf(dataFolder).vaults, udid);
}

/** UDIDs of the phones that have a vault here. */
export function phonesWithVault(dataFolder: string): readonly string[] {
  try {
    const names = readdirSync(foldersOf(dataFolder).vaults);
    return names.filter((name) => existsSync(join(vaultFolder(dataFolder, name), 'config'))).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw treeErrorFor(error);
  }
}

/**
 * Opens the vault of a phone.
 *
 * @returns `undefined` if it has none
 * @throws `operation.vault-key-missing`, `vault.*`, `storage.*`
 */
export async function openPhoneVault(
  dataFolder: string,
  udid: string,
  signal?: AbortSignal,
  storageAt?: StorageAt,
): Promise<PhoneVault | undefined> {
  const folder = vaultFolder(dataFolder, udid);
  if (!existsSync(join(folder, 'config'))) return undefined;
  const repository = await openRepositoryOf(dataFolder, udid, signal, storageAt);
  return { udid, folder, contents: await Contents.open(repository, { signal }) };
}

/** Without its index, which may be damaged. @throws as `openPhoneVault` */
export async function openRepositoryOf(
  dataFolder: string,
  udid: string,
  signal?: AbortSignal,
  storageAt: StorageAt = folderStorage,
): Promise<Repository> {
  const password = await readVaultKey(keyFileOf(dataFolder, udid));
  return openRepository(storageAt(vaultFolder(dataFolder, udid)), { password, signal });
}

export function keyFileOf(dataFolder: string, udid: string): string {
  return join(foldersOf(dataFolder).keys, udid);
}

/**
 * The same, making one if there is none. The key is durable before anything is sealed with it.
 *
 * @throws as `openPhoneVault`
 */
export async function openOrCreatePhoneVault(
  dataFolder: string,
  udid: string,
  signal?: AbortSignal,
  storageAt: StorageAt = folderStorage,
): Promise<PhoneVault> {
  const there = await openPhoneVault(dataFolder, udid, signal, storageAt);
  if (there !== undefined) return there;
  const password = await keyFor(keyFileOf(dataFolder, udid));
  const folder = vaultFolder(dataFolder, udid);
  const repository = await createRepository(storageAt(folder), { password, signal });
  return { udid, folder, contents: await Contents.open(repository, { signal }) };
}

/** One that an interrupted creation has left is as good as new. */
async function keyFor(file: string): Promise<Secret> {
  if (existsSync(file) || process.env['ROOTCELLAR_VAULT_PASSWORD']) return readVaultKey(file);
  const key = newVaultKey();
  await writeVaultKey(file, key);
  return key;
}

/** A backup that failed, and was all there was of its phone. */
export const PARTIAL_TAG = 'partial';

const PARTS: readonly string[] = [PARTIAL_TAG, SALVAGED_TAG, RECOVERED_TAG];

/** Finished backups of the phone, oldest first. What restic backed up into its vault is none. */
export async function finishedSnapshots(
  vault: PhoneVault,
  signal?: AbortSignal,
): Promise<readonly Snapshot[]> {
  return (await snapshotsToShow(vault, signal)).filter((snapshot) => !isIncomplete(snapshot));
}

/** Beside the finished ones: what is left of damaged backups, or of one that failed. Checkpoints are not among them. */
export async function snapshotsToShow(
  { udid, contents }: PhoneVault,
  signal?: AbortSignal,
): Promise<readonly Snapshot[]> {
  // A record that cannot be read must not close the others; checking the vault tells of it.
  const all = await listSnapshots(contents.repository, { signal, onDamaged: () => {} });
  const isShown = (snapshot: Snapshot) =>
    !isIncomplete(snapshot) || snapshot.tags.some((tag) => PARTS.includes(tag));
  return all.filter((snapshot) => snapshot.paths.includes(`/${udid}`) && isShown(snapshot));
}

/** It holds files, but cannot be restored onto a phone. */
export const isIncomplete = ({ tags }: Snapshot): boolean => tags.includes(INCOMPLETE_TAG);

export const isArchived = ({ tags }: Snapshot): boolean => tags.includes(ARCHIVED_TAG);
