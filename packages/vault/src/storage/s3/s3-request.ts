import { createHash } from 'node:crypto';
import type { Secret } from '@rootcellar/core';
import { AwsV4Signer } from 'aws4fetch';
import { storageError } from '../../errors.ts';
import type { HttpRequest } from '../http/http-client.ts';

/** A bucket, and who may use it. */
export interface S3Place {
  /** `https://host` or `http://host:port`, without the bucket: it goes into the path, which every S3 understands. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Where in the bucket the vault lies, without a slash at its ends. Default: at its top. */
  readonly prefix?: string | undefined;
  /** Default `us-east-1`, which is right for most that are not Amazon's. */
  readonly region?: string | undefined;
  readonly accessKeyID: string;
  readonly secretAccessKey: Secret;
  /** Of keys that are lent for some hours. */
  readonly sessionToken?: Secret | undefined;
}

export interface S3Call {
  readonly method: HttpRequest['method'];
  /** Below the prefix; empty for the bucket itself. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/** @throws `storage.address-invalid` */
export function checkS3Place({
  endpoint,
  bucket,
  prefix = '',
}: Pick<S3Place, 'endpoint' | 'bucket' | 'prefix'>): void {
  const url = URL.parse(endpoint);
  const isEndpoint = url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '';
  const isBucket = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket);
  const isPrefix =
    prefix === '' || prefix.split('/').every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
  if (!isEndpoint || url.search !== '' || !isBucket || !isPrefix) throw storageError('address-invalid');
}

/**
 * A request, signed with everything in it: also the digest of its body, so that S3 refuses what was changed on the
 * way.
 *
 * Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
 */
export async function signedS3Request(
  place: S3Place,
  call: S3Call,
  now: Date,
): Promise<Pick<HttpRequest, 'method' | 'url' | 'headers'> & { readonly body?: Uint8Array }> {
  const { endpoint, bucket, prefix = '', region = 'us-east-1' } = place;
  const below = [bucket, prefix, call.path].filter((part) => part !== '').join('/');
  const url = new URL(`${endpoint.replace(/\/+$/, '')}/${below}`);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  const signer = new AwsV4Signer({
    method: call.method,
    url: url.href,
    headers: { ...call.headers, 'x-amz-content-sha256': sha256(call.body ?? new Uint8Array()) },
    accessKeyId: place.accessKeyID,
    secretAccessKey: place.secretAccessKey.reveal(),
    ...(place.sessionToken && { sessionToken: place.sessionToken.reveal() }),
    service: 's3',
    region,
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const signed = await signer.sign();
  const headers = Object.fromEntries(signed.headers);
  return { method: call.method, url: signed.url, headers, ...(call.body && { body: call.body }) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
