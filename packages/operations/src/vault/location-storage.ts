import { folderStorage, patientStorage, restStorage, type Storage, s3Storage } from '@rootcellar/vault';
import { operationError } from '../errors.ts';
import type { StorageSignIn } from './storage-sign-in.ts';
import type { S3Location, VaultLocation } from './vault-location.ts';

/**
 * The storage at a location: the one place that knows how a location becomes one. What travels over a network is tried
 * again when it fails.
 *
 * @throws `operation.sign-in-missing`, `storage.address-invalid`
 */
export function storageAtLocation(location: VaultLocation, signIn: StorageSignIn | undefined): Storage {
  if (location.kind === 'folder') return folderStorage(location.folder);
  if (location.kind === 's3') return patientStorage(s3At(location, signIn));
  const known = signIn?.kind === 'rest' ? signIn : undefined;
  // A server may let everybody in; but one that has a name for us wants a password as well.
  if (known === undefined && location.username !== '') throw operationError('sign-in-missing');
  const username = location.username || known?.username;
  return patientStorage(restStorage({ url: location.url, username, password: known?.password }));
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
