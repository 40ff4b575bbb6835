import {
  folderStorage,
  hasRepository,
  type PatienceOptions,
  patientStorage,
  restStorage,
  type Storage,
  s3Storage,
  vaultError,
} from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import type { StorageSignIn } from './storage-sign-in.ts';
import { type S3Location, type VaultLocation, vaultLocationText } from './vault-location.ts';

/**
 * The storage at a location: the one place that knows how a location becomes one. What travels over a network is tried
 * again when it fails.
 *
 * @throws `operation.sign-in-missing`, `storage.address-invalid`
 */
export function storageAtLocation(
  location: VaultLocation,
  signIn: StorageSignIn | undefined,
  patience: PatienceOptions = {},
): Storage {
  if (location.kind === 'folder') return folderStorage(location.folder);
  if (location.kind === 's3') return patientStorage(s3At(location, signIn), patience);
  const known = signIn?.kind === 'rest' ? signIn : undefined;
  // A server may let everybody in; but one that has a name for us wants a password as well.
  if (known === undefined && location.username !== '') throw operationError('sign-in-missing');
  const username = location.username || known?.username;
  return patientStorage(restStorage({ url: location.url, username, password: known?.password }), patience);
}

/** In the middle of a backup half a minute is well spent on a server that is away; at the beginning somebody waits. */
const AT_THE_BEGINNING: PatienceOptions = { attemptsMax: 3 };

/**
 * Does the place answer, and let us in?
 *
 * @returns whether there is a vault
 * @throws as `storageAtLocation`; `vault.config-missing`; `storage.*`, within some seconds where nobody answers
 */
export async function hasVaultAt(
  location: VaultLocation,
  signIn: StorageSignIn | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const storage = storageAtLocation(location, signIn, AT_THE_BEGINNING);
  try {
    return await hasRepository(storage, { signal }).catch(namingPlace(location));
  } finally {
    await storage.close();
  }
}

/** A vault knows its storage, not the place: what says that nothing is there gets it here. */
export function namingPlace(location: VaultLocation): (error: unknown) => never {
  return (error) => {
    if (!vaultError.matches(error, 'config-missing')) throw error;
    throw vaultError('config-missing', { place: vaultLocationText(location) }, error);
  };
}

function s3At({ endpoint, bucket, prefix }: S3Location, signIn: StorageSignIn | undefined): Storage {
  if (signIn?.kind !== 's3') throw operationError('sign-in-missing');
  const { accessKeyID, secretAccessKey, sessionToken, region } = signIn;
  return s3Storage({
    endpoint,
    bucket,
    ...(prefix !== '' && { prefix }),
    accessKeyID,
    secretAccessKey,
    sessionToken,
    region: region ?? regionOfAmazon(endpoint),
  });
}

/** Amazon's own endpoints tell it; others mostly do not care. Source: Amazon, "Amazon S3 endpoints and quotas". */
function regionOfAmazon(endpoint: string): string | undefined {
  return /\/\/s3[.-]([a-z0-9-]+)\.amazonaws\.com/.exec(endpoint)?.[1];
}
