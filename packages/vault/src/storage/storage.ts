import type { ByteRange } from '@rootcellar/core';
import { storageError } from '../errors.ts';

/** The folders of a repository. Source: restic, `doc/design.rst`, Repository Layout. */
export const STORED_FOLDERS = ['data', 'index', 'keys', 'locks', 'snapshots'] as const;
export type StoredFolder = (typeof STORED_FOLDERS)[number];

/** `config`, or a folder and an id of 64 hexadecimal digits. Where it lies is the storage's own affair. */
export type StoredName = 'config' | `${StoredFolder}/${string}`;

export interface StoredFile {
  /** 64 hexadecimal digits: the name without its folder. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** The bytes of a file: whole, or in parts that follow each other. They must not change while the call runs. */
export type FileBytes = Uint8Array | readonly Uint8Array[];

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place that keeps the files of one repository. Six calls, so that anything can be one: a folder, a bucket,
 * a server. `storage-contract.ts` says the same as tests.
 *
 * Every call may be made while others run, and may be repeated: a file is named after its content, so whoever
 * writes the same name again writes the same bytes. Only `config` has a name of its own, and is never replaced.
 *
 * A storage does not retry: `patientStorage` does, around any of them. What is worth it says `retry: 'now'`.
 */
export interface Storage {
  /**
   * Returns when the file would survive a power cut. Until then there is either nothing under the name or
   * all of it.
   * @throws `storage.exists` for a `config` that is there, `storage.full`, `storage.not-permitted`
   */
  put(name: StoredName, bytes: FileBytes, options?: CallOptions): Promise<void>;
  /**
   * Exactly the bytes of the file, or of the range. They belong to the caller.
   * @throws `storage.not-found`; `storage.cut-short` if the file ends before the range does
   */
  get(name: StoredName, range?: ByteRange, options?: CallOptions): Promise<Uint8Array>;
  /** `undefined` if there is no such file. */
  stat(name: StoredName, options?: CallOptions): Promise<{ readonly sizeBytes: number } | undefined>;
  /** In no particular order. What is not named like a stored file is passed over. */
  list(folder: StoredFolder, options?: CallOptions): AsyncIterable<StoredFile>;
  /** What does not exist is deleted already. @throws `storage.not-permitted` where nothing may be deleted */
  delete(name: StoredName, options?: CallOptions): Promise<void>;
  /** Lets go of connections. No other call may follow. */
  close(): Promise<void>;
}

/** For storages that want a file in one part. */
export function joinedBytes(bytes: FileBytes): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes);
}

const ID = /^[0-9a-f]{64}$/;

export function isStoredID(text: string): boolean {
  return ID.test(text);
}

/** Refuses what could lead out of the storage. @throws `storage.name-invalid` */
export function checkStoredName(name: string): asserts name is StoredName {
  if (name === 'config') return;
  const [folder = '', id = '', ...more] = name.split('/');
  const isKnown = (STORED_FOLDERS as readonly string[]).includes(folder);
  if (!isKnown || !isStoredID(id) || more.length > 0) throw storageError('name-invalid');
}

/** Where a file lies in restic's layout, which folders and buckets share: packs are spread over 256 folders. */
export function layoutPath(name: StoredName): string {
  checkStoredName(name);
  return name.startsWith('data/') ? `data/${name.slice(5, 7)}/${name.slice(5)}` : name;
}

/** The part of a whole file that was asked for. @throws `storage.cut-short` */
export function rangeOf(whole: Uint8Array, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return whole;
  const end = range.end ?? whole.length;
  if (end > whole.length || range.start > end) {
    throw storageError('cut-short', {
      expectedBytes: end - range.start,
      receivedBytes: Math.max(0, whole.length - range.start),
    });
  }
  return whole.subarray(range.start, end);
}
