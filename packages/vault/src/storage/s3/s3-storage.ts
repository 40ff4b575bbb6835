import { createHash } from 'node:crypto';
import { type ByteRange, type Clock, type KnownError, systemClock } from '@rootcellar/core';
import { storageError } from '../../errors.ts';
import { type HttpAnswer, HttpClient } from '../http/http-client.ts';
import { bytesOfAnswer, FILE_BYTES_MAX, rangeHeader } from '../http/ranges.ts';
import { statusError } from '../http/status-errors.ts';
import {
  type CallOptions,
  type FileBytes,
  isStoredID,
  joinedBytes,
  layoutPath,
  type Storage,
  type StoredFile,
  type StoredFolder,
  type StoredName,
} from '../storage.ts';
import { parseS3List, s3ErrorCode } from './s3-list.ts';
import { checkS3Place, type S3Call, type S3Place, signedS3Request } from './s3-request.ts';

export interface S3StorageOptions extends S3Place {
  /** A certificate of one's own, PEM, that is trusted besides the usual ones. */
  readonly certificate?: string;
  /**
   * Object Lock: for so many days nobody can delete or replace what is stored now, locks excepted. The bucket must
   * allow it. Default: none.
   */
  readonly retention?: { readonly days: number; readonly mode: 'governance' | 'compliance' };
  readonly clock?: Clock;
}

/** A thousand keys; or an error. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

const DAY_MS = 24 * 60 * 60_000;

/** Folders whose files Object Lock protects. A lock that cannot be deleted would keep everybody out. */
const RETAINED = /^(?:config|(?:data|index|keys|snapshots)\/)/;

/**
 * A bucket of any service that speaks S3, in restic's layout: `restic -r s3:…` opens it. It needs PUT, GET with ranges,
 * LIST and DELETE, and that what was written can be read at once.
 *
 * @throws `storage.address-invalid`
 */
export function s3Storage(options: S3StorageOptions): Storage {
  checkS3Place(options);
  return new S3Storage(options);
}

class S3Storage implements Storage {
  readonly #options: S3StorageOptions;
  readonly #client: HttpClient;
  /** Whether it understands "only if it is not there": seen at the first refusal. */
  #knowsConditions = true;

  constructor(options: S3StorageOptions) {
    this.#options = options;
    this.#client = new HttpClient({ certificate: options.certificate });
  }

  async put(name: StoredName, parts: FileBytes, { signal }: CallOptions = {}): Promise<void> {
    const bytes = joinedBytes(parts);
    const path = layoutPath(name);
    const mustBeNew = name === 'config' || name.startsWith('keys/');
    if (name === 'config' && (await this.stat(name, { signal })) !== undefined) throw storageError('exists');
    const condition = mustBeNew && this.#knowsConditions ? { 'if-none-match': '*' } : {};
    const headers = { ...condition, ...this.#retention(name, bytes) };
    const answer = await this.#call({ method: 'PUT', path, headers, body: bytes }, { signal });
    if (answer.status === 412 && mustBeNew) {
      // A key file is named after its content: what is there is the same.
      if (name === 'config') throw storageError('exists');
      return;
    }
    if (answer.status === 501 && mustBeNew && this.#knowsConditions) {
      this.#knowsConditions = false;
      return this.put(name, bytes, { signal });
    }
    if (answer.status !== 200) throw s3Error(answer);
  }

  async get(name: StoredName, range?: ByteRange, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const path = layoutPath(name);
    if (range?.end !== undefined && range.end <= range.start) return new Uint8Array();
    const answer = await this.#call(
      { method: 'GET', path, headers: rangeHeader(range) },
      { signal },
      FILE_BYTES_MAX,
    );
    if (answer.status !== 200 && answer.status !== 206 && answer.status !== 416) throw s3Error(answer);
    return bytesOfAnswer(answer, range);
  }

  async stat(
    name: StoredName,
    { signal }: CallOptions = {},
  ): Promise<{ readonly sizeBytes: number } | undefined> {
    const path = layoutPath(name);
    let answer = await this.#call({ method: 'HEAD', path }, { signal });
    if (answer.status === 404) return undefined;
    // Such an answer has no body, which would say why.
    if (answer.status === 403) answer = await this.#call({ method: 'GET', path }, { signal }, FILE_BYTES_MAX);
    const sizeBytes = Number(answer.headers['content-length']);
    if (answer.status !== 200 || !Number.isSafeInteger(sizeBytes)) throw s3Error(answer);
    return { sizeBytes };
  }

  async *list(folder: StoredFolder, { signal }: CallOptions = {}): AsyncIterable<StoredFile> {
    const { prefix = '' } = this.#options;
    const below = prefix === '' ? `${folder}/` : `${prefix}/${folder}/`;
    let token: string | undefined;
    do {
      const next = token === undefined ? {} : { 'continuation-token': token };
      const query = { 'list-type': '2', prefix: below, ...next };
      const answer = await this.#call({ method: 'GET', path: '', query }, { signal }, PAGE_BYTES_MAX);
      if (answer.status !== 200) throw s3Error(answer);
      const page = parseS3List(answer.bytes);
      for (const { key, sizeBytes } of page.objects) {
        const id = key.slice(key.lastIndexOf('/') + 1);
        if (key.startsWith(below) && isStoredID(id)) yield { id, sizeBytes };
      }
      // The same page again would never end.
      if (page.next !== undefined && page.next === token)
        throw storageError('unknown-answer', { status: 200 });
      token = page.next;
    } while (token !== undefined);
  }

  async delete(name: StoredName, { signal }: CallOptions = {}): Promise<void> {
    const answer = await this.#call({ method: 'DELETE', path: layoutPath(name) }, { signal });
    if (![200, 204, 404].includes(answer.status)) throw s3Error(answer);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  /** Signed at the last moment: a signature is good for a quarter of an hour. */
  async #call(call: S3Call, { signal }: CallOptions, bytesMax = PAGE_BYTES_MAX): Promise<HttpAnswer> {
    const { clock = systemClock } = this.#options;
    // The bucket itself has no prefix in its path.
    const place = call.path === '' ? { ...this.#options, prefix: '' } : this.#options;
    const request = await signedS3Request(place, call, clock.now());
    return this.#client.call({ ...request, bytesMax, signal });
  }

  #retention(name: StoredName, bytes: Uint8Array): Readonly<Record<string, string>> {
    const { retention, clock = systemClock } = this.#options;
    if (retention === undefined || !RETAINED.test(name)) return {};
    const until = new Date(clock.now().getTime() + retention.days * DAY_MS);
    return {
      // Amazon asks for it with every object that is to be locked.
      'content-md5': createHash('md5').update(bytes).digest('base64'),
      'x-amz-object-lock-mode': retention.mode.toUpperCase(),
      'x-amz-object-lock-retain-until-date': until.toISOString(),
    };
  }
}

/** Source: Amazon S3 API Reference, Error Responses, List of error codes. */
const CODES: Readonly<Record<string, Parameters<typeof storageError>[0]>> = {
  NoSuchBucket: 'place-missing',
  NoSuchKey: 'not-found',
  InvalidAccessKeyId: 'not-signed-in',
  SignatureDoesNotMatch: 'not-signed-in',
  RequestTimeTooSkewed: 'clock-differs',
  AccessDenied: 'not-permitted',
  QuotaExceeded: 'full',
  SlowDown: 'busy',
  OperationAborted: 'busy',
  ConditionalRequestConflict: 'busy',
};

function s3Error({ status, bytes }: HttpAnswer): KnownError {
  const code = s3ErrorCode(bytes);
  const name = code === undefined ? undefined : CODES[code];
  return name === undefined ? statusError(status) : storageError(name, { status });
}
