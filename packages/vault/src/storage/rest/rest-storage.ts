import type { ByteRange, Secret } from '@rootcellar/core';
import { storageError } from '../../errors.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../http/http-client.ts';
import { bytesOfAnswer, FILE_BYTES_MAX, rangeHeader } from '../http/ranges.ts';
import { statusError } from '../http/status-errors.ts';
import {
  type CallOptions,
  checkStoredName,
  type FileBytes,
  joinedBytes,
  type Storage,
  type StoredFile,
  type StoredFolder,
  type StoredName,
} from '../storage.ts';
import { LIST_TYPE, parseRestList } from './rest-list.ts';

export interface RestStorageOptions {
  /** `http:` or `https:`, with the path of the repository. A name in it is used, a password in it is refused. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** A certificate of one's own, PEM, that is trusted besides the usual ones. */
  readonly certificate?: string | undefined;
}

/** Names and sizes of a million files. */
const LIST_BYTES_MAX = 256 * 1024 * 1024;

const EMPTY_BYTES_MAX = 64 * 1024;

/**
 * A server that speaks restic's REST protocol: `rest-server`, `rclone serve restic`, our own cloud.
 *
 * It cannot say "only if it is not there": of two that make a vault in one place at the same moment the last wins.
 *
 * Source: restic, `doc/REST_backend.rst`.
 *
 * @throws `storage.address-invalid`
 */
export function restStorage(options: RestStorageOptions): Storage {
  return new RestStorage(options);
}

class RestStorage implements Storage {
  readonly #client: HttpClient;
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  /** The server has a place for the repository. */
  #created: Promise<void> | undefined;

  constructor({ url, username, password, certificate }: RestStorageOptions) {
    this.#base = baseOf(url);
    const name = username ?? decodeURIComponent(this.#base.username);
    this.#base.username = '';
    const credentials = Buffer.from(`${name}:${password?.reveal() ?? ''}`).toString('base64');
    this.#headers = name === '' ? {} : { authorization: `Basic ${credentials}` };
    this.#client = new HttpClient({ certificate });
  }

  async put(name: StoredName, parts: FileBytes, { signal }: CallOptions = {}): Promise<void> {
    const bytes = joinedBytes(parts);
    const url = this.#url(name);
    await this.#ensureCreated({ signal });
    if (name === 'config' && (await this.stat(name, { signal })) !== undefined) throw storageError('exists');
    const headers = { 'content-type': 'binary/octet-stream' };
    const { status } = await this.#call({ method: 'POST', url, headers, body: bytes, signal });
    // A server that only adds answers so when the file is there.
    const isThere =
      status === 403 && name !== 'config' && (await this.stat(name, { signal }))?.sizeBytes === bytes.length;
    if (!isSuccess(status) && !isThere) throw statusError(status);
  }

  async get(name: StoredName, range?: ByteRange, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const url = this.#url(name);
    if (range?.end !== undefined && range.end <= range.start) return new Uint8Array();
    const answer = await this.#call({
      method: 'GET',
      url,
      headers: rangeHeader(range),
      signal,
      bytesMax: FILE_BYTES_MAX,
    });
    return bytesOfAnswer(answer, range);
  }

  async stat(
    name: StoredName,
    { signal }: CallOptions = {},
  ): Promise<{ readonly sizeBytes: number } | undefined> {
    const { status, headers } = await this.#call({ method: 'HEAD', url: this.#url(name), signal });
    if (status === 404) return undefined;
    const sizeBytes = Number(headers['content-length']);
    if (status !== 200 || !Number.isSafeInteger(sizeBytes)) throw statusError(status);
    return { sizeBytes };
  }

  async *list(folder: StoredFolder, { signal }: CallOptions = {}): AsyncIterable<StoredFile> {
    const url = new URL(`${folder}/`, this.#base);
    const headers = { accept: LIST_TYPE };
    const answer = await this.#call({ method: 'GET', url, headers, signal, bytesMax: LIST_BYTES_MAX });
    if (answer.status === 404) return;
    if (answer.status !== 200) throw statusError(answer.status);
    for (const { id, sizeBytes } of parseRestList(answer.bytes)) {
      const size = sizeBytes ?? (await this.stat(`${folder}/${id}`, { signal }))?.sizeBytes;
      if (size !== undefined) yield { id, sizeBytes: size };
    }
  }

  async delete(name: StoredName, { signal }: CallOptions = {}): Promise<void> {
    const { status } = await this.#call({ method: 'DELETE', url: this.#url(name), signal });
    if (!isSuccess(status) && status !== 404) throw statusError(status);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #url(name: StoredName): URL {
    checkStoredName(name);
    return new URL(name, this.#base);
  }

  #call(request: Omit<HttpRequest, 'bytesMax'> & { readonly bytesMax?: number }): Promise<HttpAnswer> {
    // A server must not compress: what comes is compared with a length.
    const headers = { 'accept-encoding': 'identity', ...request.headers, ...this.#headers };
    return this.#client.call({ bytesMax: EMPTY_BYTES_MAX, ...request, headers });
  }

  #ensureCreated(call: CallOptions): Promise<void> {
    this.#created ??= this.#create(call).catch((error: unknown) => {
      this.#created = undefined;
      throw error;
    });
    return this.#created;
  }

  /** A server answers alike when the place was made now and when it was there. */
  async #create({ signal }: CallOptions): Promise<void> {
    if ((await this.stat('config', { signal })) !== undefined) return;
    const url = new URL('?create=true', this.#base);
    const { status } = await this.#call({ method: 'POST', url, signal });
    if (!isSuccess(status)) throw statusError(status);
  }
}

function baseOf(text: string): URL {
  const base = URL.parse(text.endsWith('/') ? text : `${text}/`);
  const isUsable = base !== null && ['http:', 'https:'].includes(base.protocol) && base.password === '';
  if (!isUsable || base.search !== '' || base.hash !== '') throw storageError('address-invalid');
  return base;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
