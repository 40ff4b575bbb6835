import { resolve } from 'node:path';
import { checkS3Place, storageError } from '@rootcellar/vault';
import { operationError } from '../errors.ts';

/** Where a vault lies, without what signs in there. */
export type VaultLocation = FolderLocation | S3Location | RestLocation;

export interface FolderLocation {
  readonly kind: 'folder';
  readonly folder: string;
}

export interface S3Location {
  readonly kind: 's3';
  /** `https://host` or `http://host:port`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** In the bucket, without a slash at its ends; empty for its top. */
  readonly prefix: string;
}

export interface RestLocation {
  readonly kind: 'rest';
  /** Without a name, with a slash at its end. */
  readonly url: string;
  /** Empty if the location names nobody. */
  readonly username: string;
}

/** A word and a colon. One letter is a drive of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * Reads a location as restic spells it: a folder, `rest:http://user@host:port/path/`, `s3:https://host/bucket/prefix`,
 * `s3:host/bucket/prefix`.
 *
 * Source: restic, `doc/030_preparing_a_new_repo.rst`.
 *
 * @throws `operation.location-invalid`; `operation.location-holds-password`, for arguments are seen by everybody on the
 *   computer
 */
export function parseVaultLocation(text: string): VaultLocation {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  if (text === '' || text.includes('\0')) throw operationError('location-invalid');
  if (scheme === undefined) return { kind: 'folder', folder: resolve(text) };
  if (scheme === 'rest') return parseRest(rest);
  if (scheme === 's3') return parseS3(rest);
  throw operationError('location-invalid');
}

/** As restic spells it, and `parseVaultLocation` reads it. It holds no password and no key. */
export function vaultLocationText(location: VaultLocation): string {
  if (location.kind === 'folder') return location.folder;
  if (location.kind === 's3') {
    const { endpoint, bucket, prefix } = location;
    return `s3:${[endpoint, bucket, prefix].filter((part) => part !== '').join('/')}`;
  }
  const url = new URL(location.url);
  url.username = location.username;
  return `rest:${url.href}`;
}

/** Does what signs in travel so that others on the way can read it? */
export function isUnprotected(location: VaultLocation): boolean {
  if (location.kind !== 'rest') return false; // S3 signs, and sends no key.
  const { protocol, hostname } = new URL(location.url);
  return protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

function parseRest(text: string): RestLocation {
  const url = parseUrl(text.endsWith('/') ? text : `${text}/`);
  const username = decode(url.username);
  url.username = '';
  return { kind: 'rest', url: url.href, username };
}

function parseS3(text: string): S3Location {
  const address = text.startsWith('//') ? text.slice(2) : text;
  const url = parseUrl(/^https?:\/\//i.test(address) ? address : `https://${address}`);
  // A name of a key is of no use without the key, and the place for both is the same.
  if (url.username !== '') throw operationError('location-holds-password');
  const [bucket = '', ...below] = decode(url.pathname)
    .split('/')
    .filter((part) => part !== '');
  const place = { endpoint: url.origin, bucket, prefix: below.join('/') };
  try {
    checkS3Place(place);
  } catch (error) {
    throw storageError.matches(error) ? operationError('location-invalid', {}, error) : error;
  }
  return { kind: 's3', ...place };
}

/** What `URL` would tidy away without a word, and restic would not. */
const UNTIDY = /\\|\/(?:\.|%2e){1,2}(?:\/|$)/i;

function parseUrl(text: string): URL {
  const url = UNTIDY.test(text) ? null : URL.parse(text);
  const isUsable = url !== null && ['http:', 'https:'].includes(url.protocol);
  if (!isUsable || url.search !== '' || url.hash !== '') throw operationError('location-invalid');
  if (url.password !== '') throw operationError('location-holds-password');
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw operationError('location-invalid', {}, error);
  }
}
