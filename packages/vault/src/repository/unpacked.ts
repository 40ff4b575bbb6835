import { compress, decompress } from '../chunks/compress.ts';
import { openBytes, type SealKey, sealBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import type { CallOptions, Storage } from '../storage/storage.ts';
import { idOf } from './ids.ts';
import { parseJson } from './json-fields.ts';

/** Folders whose files are JSON documents, sealed one by one. */
export type RecordFolder = 'index' | 'snapshots' | 'locks';

/**
 * Our limits, stored and opened. An index file of stock restic stays under 8 MiB; of ours, with 50,000 blobs,
 * it is 8 MiB of JSON.
 */
const STORED_BYTES_MAX = 64 * 1024 * 1024;
const DOCUMENT_BYTES_MAX = 256 * 1024 * 1024;

/** The first byte says how the rest is written. Source: restic, `doc/design.rst`, Unpacked Data Format. */
const COMPRESSED = 2;
const PLAIN_JSON = new Set(['{', '['].map((character) => character.charCodeAt(0)));

export interface RecordPlace {
  readonly storage: Storage;
  readonly key: SealKey;
}

/** Stores a document and returns its id. It is durable then. */
export function saveRecord(
  place: RecordPlace,
  folder: RecordFolder,
  document: unknown,
  options?: CallOptions,
): Promise<string> {
  return saveRecordText(place, folder, Buffer.from(JSON.stringify(document)), options);
}

/** The same for a document that is written already. @param text JSON, an object or a list */
export async function saveRecordText(
  { storage, key }: RecordPlace,
  folder: RecordFolder,
  text: Uint8Array,
  options?: CallOptions,
): Promise<string> {
  const packed = compress(text);
  const sealed = sealBytes(key, Buffer.concat([Buffer.from([COMPRESSED]), packed]));
  const id = idOf(sealed);
  await storage.put(`${folder}/${id}`, sealed, options);
  return id;
}

/**
 * @returns the document; what is in it must be checked still
 * @throws `storage.not-found`, `vault.record-damaged`, `vault.record-too-large`
 */
export async function loadRecord(
  { storage, key }: RecordPlace,
  folder: RecordFolder,
  id: string,
  options?: CallOptions,
): Promise<unknown> {
  const sealed = await storage.get(`${folder}/${id}`, undefined, options);
  if (sealed.length > STORED_BYTES_MAX)
    throw vaultError('record-too-large', { folder, sizeBytes: sealed.length });
  if (idOf(sealed) !== id) throw vaultError('record-damaged', { folder, reason: 'digest' });
  const plain = openBytes(key, sealed);
  const document = parseJson(unwrap(plain, folder));
  if (document === undefined) throw vaultError('record-damaged', { folder, reason: 'no JSON' });
  return document;
}

function unwrap(plain: Uint8Array, folder: RecordFolder): Uint8Array {
  const first = plain[0] ?? -1;
  if (PLAIN_JSON.has(first)) return plain;
  if (first !== COMPRESSED) throw vaultError('record-damaged', { folder, reason: 'unknown encoding' });
  return decompress(plain.subarray(1), DOCUMENT_BYTES_MAX);
}

/** Whatever `loadRecord` can say about a record that is there but cannot be used. */
export function isDamagedRecord(error: unknown): boolean {
  return (['record-damaged', 'record-too-large', 'sealed-damaged'] as const).some((name) =>
    vaultError.matches(error, name),
  );
}
