import { existsSync } from 'node:fs';
import { KnownError, type Secret } from '@rootcellar/core';
import { listSnapshots, type Repository, type Storage, storageError, vaultError } from '@rootcellar/vault';
import type { PasswordSource } from '../backup-password.ts';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { settleVault } from './begin-vault.ts';
import { beginVaultAt } from './begin-vault-at.ts';
import { hasVaultAt, storageAtLocation } from './location-storage.ts';
import {
  isShown,
  isUsualLocation,
  locationOfVault,
  phonesWithVault,
  requireUdid,
  usualLocation,
  vaultsFolder,
} from './phone-vault.ts';
import { forgetLocation, readRememberedLocation, rememberLocation } from './remembered-location.ts';
import { findSignIn, type StorageSignIn, saveSignIn } from './storage-sign-in.ts';
import { openWithTypedKey } from './typed-key.ts';
import { vaultAway } from './vault-away.ts';
import { isOutOfReach, keepVaultKey, keySource, readVaultKey, vaultKeyName } from './vault-key.ts';
import { parseVaultLocation, type VaultLocation, vaultLocationText } from './vault-location.ts';

export interface CreateVaultOptions {
  readonly dataFolder: string;
  /** UDID of the phone, in full; when a vault is adopted, the backups in it may tell. */
  readonly udid: string | undefined;
  /** As `parseVaultLocation` reads it. */
  readonly location: string;
  /** Use the vault that is there, instead of making one. */
  readonly adopt: boolean;
  /** Make one although there was one before: that is gone for good. One that is still there is not given up. */
  readonly anew?: boolean | undefined;
  /** Of the vault that is adopted, if the key at hand does not open it. It is kept at hand then. */
  readonly key?: PasswordSource | undefined;
  /** Asked when the server wants to know who comes, and it stands nowhere. It is saved then. */
  readonly signIn?: ((location: VaultLocation) => Promise<StorageSignIn | undefined>) | undefined;
  /** Save it also if it comes from the environment. */
  readonly keepSignIn?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedVault {
  readonly udid: string;
  /** For people. */
  readonly location: string;
  readonly adopted: boolean;
  /** Backups that were there. */
  readonly snapshots: number;
}

/**
 * Makes the vault of a phone at a location, or adopts the one that is there: after a computer was lost, or when a vault
 * was copied to another place. From then on backups of the phone go there.
 *
 * What is needed to open it is written down first, where it lies last: what a run that is cut off has left is no vault of
 * the phone yet, and the next run goes on with it.
 *
 * @throws `operation.location-*`, `operation.vault-exists`, `operation.vault-away`, `operation.vault-of-another`, `operation.phone-not-named`,
 *   `operation.sign-in-*`, `operation.vault-key-unreadable`, `vault.there-already`, `vault.not-there`, `vault.config-missing`, `vault.password-wrong`, `storage.*` as
 *   `OperationFailure`
 */
export function createVault(options: CreateVaultOptions): Promise<CreatedVault> {
  const { adopt, signal } = options;
  return runOperation(
    async () => {
      const location = parseVaultLocation(options.location);
      if (options.udid !== undefined) requireUdid(options.udid);
      const opened = await openPlace(location, options);
      try {
        return adopt ? await adoptVault(opened, options) : await makeVault(opened, options);
      } finally {
        await opened.storage.close();
      }
    },
    nothingChanged,
    signal,
  );
}

/** A location whose storage answers. */
interface OpenedPlace {
  readonly location: VaultLocation;
  readonly storage: Storage;
  readonly hasVault: boolean;
  /** What is to be saved of how we signed in. */
  readonly save: StorageSignIn | undefined;
}

async function openPlace(location: VaultLocation, options: CreateVaultOptions): Promise<OpenedPlace> {
  const { dataFolder, udid, keepSignIn = false, signal } = options;
  const known = await findSignIn(location, { dataFolder, udid }).catch(unlessOutOfReach);
  const open = async (signIn: StorageSignIn | undefined, save: StorageSignIn | undefined) => {
    const hasVault = await hasVaultAt(location, signIn, signal);
    return { location, storage: storageAtLocation(location, signIn), hasVault, save };
  };
  try {
    return await open(known, keepSignIn ? known : undefined);
  } catch (error) {
    const isUnknown =
      operationError.matches(error, 'sign-in-missing') ||
      (known === undefined && storageError.matches(error, 'not-signed-in'));
    const asked = isUnknown ? await options.signIn?.(location) : undefined;
    if (asked === undefined) throw error;
    return await open(asked, asked);
  }
}

/** One that the key store does not give is asked for, as one that stands nowhere. */
function unlessOutOfReach(error: unknown): undefined {
  if (!isOutOfReach(error)) throw error;
  return undefined;
}

async function makeVault(place: OpenedPlace, options: CreateVaultOptions): Promise<CreatedVault> {
  const { dataFolder, udid, anew, signal } = options;
  if (udid === undefined) throw operationError('phone-not-named');
  return underLock(dataFolder, udid, async () => {
    await requireNone({ ...options, udid });
    const repository = await beginVaultAt(place, { dataFolder, udid, anew, signal });
    await writeDown(place, { dataFolder, udid, repository });
    return { udid, location: vaultLocationText(place.location), adopted: false, snapshots: 0 };
  });
}

/** @throws `operation.vault-exists`; `operation.vault-away` if it is not there, and nobody said that it is gone for good */
async function requireNone({ dataFolder, udid, anew, signal }: CreateVaultOptions & Whose): Promise<void> {
  const location = await locationOfVault(dataFolder, udid);
  if (location === undefined) return;
  try {
    const signIn = await findSignIn(location, { dataFolder, udid });
    const isThere = await hasVaultAt(location, signIn, signal);
    throw isThere ? operationError('vault-exists') : vaultAway(udid, location);
  } catch (error) {
    const isGone = error instanceof KnownError && !operationError.matches(error, 'vault-exists');
    if (!anew || !isGone) throw error;
  }
}

async function adoptVault(place: OpenedPlace, options: CreateVaultOptions): Promise<CreatedVault> {
  const { dataFolder, signal } = options;
  if (!place.hasVault) throw vaultError('not-there', { place: vaultLocationText(place.location) });
  const { repository, key } = await openWithAnyKey(place.storage, options);
  const all = await listSnapshots(repository, { signal, onDamaged: () => {} });
  const udid = phoneOf(all, options.udid);
  return underLock(dataFolder, udid, async () => {
    await requireNoOther(repository, place.location, { dataFolder, udid });
    if (key !== undefined) await keepVaultKey(vaultKeyName(dataFolder, udid), key);
    await writeDown(place, { dataFolder, udid, repository });
    const snapshots = all.filter((snapshot) => isShown(snapshot, udid)).length;
    return { udid, location: vaultLocationText(place.location), adopted: true, snapshots };
  });
}

/** @returns the key as well, if it is not the one at hand */
async function openWithAnyKey(
  storage: Storage,
  { dataFolder, udid, key: ask, signal }: CreateVaultOptions,
): Promise<{ readonly repository: Repository; readonly key: Secret | undefined }> {
  // Whose it is, is not known yet, but whoever moved a vault has its key.
  const phones = udid === undefined ? await phonesWithVault(dataFolder) : [udid];
  const names = phones.map((phone) => vaultKeyName(dataFolder, phone));
  let failure: unknown;
  for (const name of names.length > 0 ? names : [undefined]) {
    try {
      const password = await readVaultKey(name);
      const { repository, key } = await openWithTypedKey(storage, { password, signal });
      const isOfOther = udid === undefined && name !== undefined && keySource(name) !== 'environment';
      return { repository, key: isOfOther ? key : undefined };
    } catch (error) {
      const isOther =
        operationError.matches(error, 'vault-key-missing') ||
        isOutOfReach(error) ||
        vaultError.matches(error, 'password-wrong');
      if (!isOther) throw error;
      failure = error;
    }
  }
  const typed = await ask?.();
  if (typed === undefined) throw failure;
  return openWithTypedKey(storage, { password: typed, signal });
}

/** @throws `operation.vault-of-another`, `operation.phone-not-named` */
function phoneOf(
  snapshots: readonly { readonly paths: readonly string[] }[],
  named: string | undefined,
): string {
  const phones = new Set(snapshots.flatMap(({ paths }) => paths).map(phoneOfPath));
  phones.delete(undefined);
  const [first, ...others] = phones;
  if (named !== undefined && phones.size > 0 && !phones.has(named)) throw operationError('vault-of-another');
  const udid = named ?? (others.length === 0 ? first : undefined);
  if (udid === undefined) throw operationError('phone-not-named');
  return udid;
}

/** What restic backs up into a vault has other paths. Source: device-protocols, shapes of UDIDs. */
const PHONE_PATH = /^\/([0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16})$/i;

const phoneOfPath = (path: string): string | undefined => PHONE_PATH.exec(path)?.[1];

/** The same vault at another place is no other. @throws `operation.vault-exists` */
async function requireNoOther(
  repository: Repository,
  location: VaultLocation,
  { dataFolder, udid }: Whose,
): Promise<void> {
  const now = await readRememberedLocation(vaultsFolder(dataFolder), udid).catch((error: unknown) => {
    if (!operationError.matches(error, 'location-file-damaged')) throw error;
    return undefined; // It is what is to be mended.
  });
  if (now !== undefined && now.repository !== repository.config.id) throw operationError('vault-exists');
  const usual = usualLocation(dataFolder, udid);
  if (now !== undefined || isUsualLocation(location, { dataFolder, udid }) || !existsSync(usual.folder))
    return;
  const password = await readVaultKey(vaultKeyName(dataFolder, udid));
  const here = await openWithTypedKey(storageAtLocation(usual, undefined), { password }).catch(
    (error: unknown) => {
      if (isNoVault(error)) return undefined;
      throw vaultError.matches(error, 'password-wrong') ? operationError('vault-exists', {}, error) : error;
    },
  );
  if (here !== undefined && here.repository.config.id !== repository.config.id)
    throw operationError('vault-exists');
}

/** What is left of one without its "config" or its keys cannot be told from another. */
const isNoVault = (error: unknown): boolean =>
  (['not-there', 'config-missing', 'keys-missing'] as const).some((name) => vaultError.matches(error, name));

interface Whose {
  readonly dataFolder: string;
  readonly udid: string;
}

async function writeDown(
  { location, save }: OpenedPlace,
  { dataFolder, udid, repository }: Whose & { readonly repository: Repository },
): Promise<void> {
  if (save !== undefined) await saveSignIn(save, { dataFolder, udid });
  const vaults = vaultsFolder(dataFolder);
  const { id } = repository.config;
  const isHere = isUsualLocation(location, { dataFolder, udid });
  if (!isHere) await rememberLocation(vaults, udid, { location, repository: id });
  await settleVault(dataFolder, udid, { here: isHere ? id : undefined });
  // Only now: until then it is missed where it was before.
  if (isHere) await forgetLocation(vaults, udid);
}

async function underLock<Result>(
  dataFolder: string,
  udid: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const unlock = await lockDevice({ dataFolder, udid, operation: 'vault' });
  try {
    return await work();
  } finally {
    await unlock();
  }
}
