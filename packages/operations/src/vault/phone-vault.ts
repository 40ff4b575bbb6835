import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isErrno, treeError, treeErrorFor } from '@rootcellar/core';
import {
  ARCHIVED_TAG,
  Contents,
  hasRepository,
  INCOMPLETE_TAG,
  listSnapshots,
  RECOVERED_TAG,
  type Repository,
  SALVAGED_TAG,
  type Snapshot,
  type Storage,
  vaultError,
} from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import { beginVault, keptKeyNames, settleVault, wasBegun } from './begin-vault.ts';
import { hasVaultAt, namingPlace, storageAtLocation } from './location-storage.ts';
import { readRememberedLocation, udidOfLocationFile } from './remembered-location.ts';
import { phonesWithRememberedVault, rememberedRepository } from './remembered-vault.ts';
import { findSignIn } from './storage-sign-in.ts';
import { openWithTypedKey } from './typed-key.ts';
import { vaultAway } from './vault-away.ts';
import { readVaultKey, vaultKeyName } from './vault-key.ts';
import { type FolderLocation, type VaultLocation, vaultLocationText } from './vault-location.ts';

/*
 * One vault for each phone: its own key, its own lock, its own retention.
 *
 *   <data>/vaults/<UDID>/             a restic repository, or
 *   <data>/vaults/<UDID>.json         where else it lies
 *   <data>/keys/<UDID>                its password, unless the key store of the operating system has it
 *   <data>/keys/<UDID>.beginning      it is being made: nothing was stored yet with its key
 *   <data>/keys/<UDID>.storage.json   what signs in where it lies, if it was saved; the same
 *   <data>/phones/<UDID>.vault.json   which one was in the data folder: it is missed when it is not
 *   <data>/phones/<UDID>.newest.json  which backup is the newest in it: that is missed, too
 *   <data>/phones/<UDID>.json         how its backups are kept
 *   <data>/staging/<UDID>/            what an unfinished backup has received
 */

export interface PhoneVault {
  readonly udid: string;
  /** Where it lies, for people: a folder, or a server as restic spells it, without a password. */
  readonly location: string;
  readonly contents: Contents;
}

/** Tests look over the shoulder of a storage, or make it fail. */
export type WatchStorage = (storage: Storage) => Storage;

export interface OpenVaultOptions {
  readonly signal?: AbortSignal | undefined;
  readonly watch?: WatchStorage | undefined;
}

/** It becomes part of paths. Source: device-protocols, shapes of UDIDs. */
const UDID = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/;

/** @throws `operation.udid-invalid` */
export function requireUdid(udid: string): void {
  if (!UDID.test(udid)) throw operationError('udid-invalid');
}

/** Holds the vaults that lie here, and the notes of where others lie. */
export const vaultsFolder = (dataFolder: string): string => join(dataFolder, 'vaults');

/** UDIDs of the phones that have a vault, wherever it lies, and whether or not it is there now. */
export async function phonesWithVault(dataFolder: string): Promise<readonly string[]> {
  const names = await readdir(vaultsFolder(dataFolder)).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw treeErrorFor(error);
  });
  const noted = names.map(udidOfLocationFile).filter((udid) => udid !== undefined);
  const begun = [...(await keptKeyNames(dataFolder)), ...(await phonesWithRememberedVault(dataFolder))];
  const usual = [...names, ...begun].filter((udid) => isUsual(dataFolder, udid));
  return [...new Set([...noted, ...usual])].filter((udid) => UDID.test(udid)).sort();
}

/** Is there a vault in the data folder, or was there one? */
const isUsual = (dataFolder: string, udid: string): boolean =>
  existsSync(join(vaultsFolder(dataFolder), udid, 'config')) || wasBegun(dataFolder, udid);

/**
 * Where the vault of a phone lies: the one place that knows. A location that is remembered counts, whether or not
 * something answers there now.
 *
 * @returns `undefined` if it has none
 * @throws `operation.location-file-*`
 */
export async function locationOfVault(dataFolder: string, udid: string): Promise<VaultLocation | undefined> {
  return (await placeOfVault(dataFolder, udid))?.location;
}

/** Where a vault lies, and which one it is. */
export interface VaultPlace {
  readonly location: VaultLocation;
  /** The id of its repository. `undefined` in the data folder, if it was not opened there before. */
  readonly repository: string | undefined;
}

/** The same, with what tells the vault from another there. @throws as `locationOfVault` */
export async function placeOfVault(dataFolder: string, udid: string): Promise<VaultPlace | undefined> {
  requireUdid(udid);
  const remembered = await readRememberedLocation(vaultsFolder(dataFolder), udid);
  if (remembered !== undefined) return remembered;
  if (!isUsual(dataFolder, udid)) return undefined;
  const repository = await rememberedRepository(dataFolder, udid);
  return { location: usualLocation(dataFolder, udid), repository };
}

/** Where the first backup makes a vault, if nobody said otherwise. */
export function usualLocation(dataFolder: string, udid: string): FolderLocation {
  return { kind: 'folder', folder: resolve(vaultsFolder(dataFolder), udid) };
}

export const isUsualLocation = (
  location: VaultLocation,
  { dataFolder, udid }: { readonly dataFolder: string; readonly udid: string },
): boolean => vaultLocationText(location) === vaultLocationText(usualLocation(dataFolder, udid));

/**
 * Opens the vault of a phone.
 *
 * @returns `undefined` if it has none
 * @throws `operation.vault-key-*`, `operation.key-store-*`, `operation.sign-in-*`, `operation.location-file-*`, `vault.*`, `storage.*`;
 *   `operation.vault-away` if it is not where it was, `operation.vault-not-the-same` if another one is
 */
export async function openPhoneVault(
  dataFolder: string,
  udid: string,
  options: OpenVaultOptions = {},
): Promise<PhoneVault | undefined> {
  const place = await placeOfVault(dataFolder, udid);
  if (place === undefined) return undefined;
  const repository = await openAt(place, { dataFolder, udid, ...options });
  return asPhoneVault(repository, place.location, { udid, ...options });
}

/** Without its index, which may be damaged. @throws as `openPhoneVault`; `operation.vault-unknown` */
export async function openRepositoryOf(
  dataFolder: string,
  udid: string,
  options: OpenVaultOptions = {},
): Promise<Repository> {
  const place = await placeOfVault(dataFolder, udid);
  if (place === undefined) throw operationError('vault-unknown');
  return openAt(place, { dataFolder, udid, ...options });
}

/**
 * The same, making one in the data folder if there is none. The key is durable before anything is sealed with it. One
 * that was there is never made anew: it may have moved, or its disk may not be connected.
 *
 * @throws as `openPhoneVault`
 */
export async function openOrCreatePhoneVault(
  dataFolder: string,
  udid: string,
  options: OpenVaultOptions = {},
): Promise<PhoneVault> {
  const there = await openPhoneVault(dataFolder, udid, options);
  if (there !== undefined) return there;
  const location = usualLocation(dataFolder, udid);
  const storage = await storageOf(location, { dataFolder, udid, ...options });
  const repository = await beginVault(storage, vaultKeyName(dataFolder, udid), options).catch(
    namingPlace(location),
  );
  await settleVault(dataFolder, udid, { here: repository.config.id });
  return asPhoneVault(repository, location, { udid, ...options });
}

interface Whose extends OpenVaultOptions {
  readonly dataFolder: string;
  readonly udid: string;
}

async function openAt(place: VaultPlace, whose: Whose): Promise<Repository> {
  return openSameVault(await storageOf(place.location, whose), place, whose);
}

/**
 * Opens the vault at its place, and no other: one password may open several.
 *
 * @throws `operation.vault-away`, `operation.vault-not-the-same`, `operation.vault-key-*`, `operation.key-store-*`, `vault.*`,
 *   `storage.*`
 */
export async function openSameVault(
  storage: Storage,
  { location, repository: expected }: VaultPlace,
  { dataFolder, udid, signal }: Omit<Whose, 'watch'>,
): Promise<Repository> {
  const isThere = await hasRepository(storage, { signal }).catch(namingPlace(location));
  if (!isThere) throw vaultAway(udid, location);
  const password = await readVaultKey(vaultKeyName(dataFolder, udid));
  const { repository } = await openWithTypedKey(storage, { password, signal });
  if (expected !== undefined && repository.config.id !== expected) throw operationError('vault-not-the-same');
  const here = isUsualLocation(location, { dataFolder, udid }) ? repository.config.id : undefined;
  // A data folder that cannot be written can be read all the same.
  await settleVault(dataFolder, udid, { here }).catch((error: unknown) => {
    if (!treeError.matches(treeErrorFor(error))) throw error;
  });
  return repository;
}

/** A server must answer first. @throws `operation.sign-in-*`, `storage.*` */
export async function storageOf(location: VaultLocation, { watch, ...whose }: Whose): Promise<Storage> {
  const signIn = await findSignIn(location, whose);
  if (location.kind !== 'folder') await hasVaultAt(location, signIn, whose.signal);
  const storage = storageAtLocation(location, signIn);
  return watch ? watch(storage) : storage;
}

async function asPhoneVault(
  repository: Repository,
  location: VaultLocation,
  { udid, signal }: Omit<Whose, 'dataFolder'>,
): Promise<PhoneVault> {
  const contents = await Contents.open(repository, { signal });
  return { udid, location: vaultLocationText(location), contents };
}

/** Of an open one: on a disk that was pulled nothing is there, and nothing fails. @throws `vault.not-there` */
export async function requireThere(
  { location: place, contents: { repository } }: PhoneVault,
  signal: AbortSignal | undefined,
): Promise<void> {
  if ((await repository.storage.stat('config', { signal })) === undefined)
    throw vaultError('not-there', { place });
}

/** A backup that was taken in from a folder. */
export const IMPORTED_TAG = 'imported';

/** A backup that failed, and was all there was of its phone. */
export const PARTIAL_TAG = 'partial';

const PARTS: readonly string[] = [PARTIAL_TAG, SALVAGED_TAG, RECOVERED_TAG];

/** Finished backups of the phone, oldest first. What restic backed up into its vault is none. */
export async function finishedSnapshots(
  { udid, contents: { repository } }: PhoneVault,
  signal?: AbortSignal,
): Promise<readonly Snapshot[]> {
  return (await snapshotsToShow(repository, udid, signal)).filter((snapshot) => !isIncomplete(snapshot));
}

/**
 * Beside the finished ones: what is left of damaged backups, or of one that failed. Checkpoints are not among them.
 *
 * @param onUnreadable told of a record that is damaged: it does not close the others, and nobody knows what it was of
 */
export async function snapshotsToShow(
  repository: Repository,
  udid: string,
  signal?: AbortSignal,
  onUnreadable: (recordID: string) => void = () => {},
): Promise<readonly Snapshot[]> {
  const all = await listSnapshots(repository, { signal, onDamaged: onUnreadable });
  return all.filter((snapshot) => isShown(snapshot, udid));
}

/** Is it a backup of the phone, or a part of one that is kept for its owner? */
export function isShown(snapshot: Snapshot, udid: string): boolean {
  return snapshot.paths.includes(`/${udid}`) && (!isIncomplete(snapshot) || isPart(snapshot));
}

/** What is left of a backup, and kept for its owner: no checkpoint. */
export const isPart = ({ tags }: Snapshot): boolean => tags.some((tag) => PARTS.includes(tag));

/** The newest finished one of what a vault has. @param shown the oldest first */
export const newestFinished = (shown: readonly Snapshot[]): Snapshot | undefined =>
  shown.findLast((snapshot) => !isIncomplete(snapshot));

/** It holds files, but cannot be restored onto a phone. */
export const isIncomplete = ({ tags }: Snapshot): boolean => tags.includes(INCOMPLETE_TAG);

export const isArchived = ({ tags }: Snapshot): boolean => tags.includes(ARCHIVED_TAG);
