import type { BlobType } from '../chunks/blob.ts';
import { vaultError } from '../errors.ts';
import type { CallOptions } from '../storage/storage.ts';
import { isStoredID } from '../storage/storage.ts';
import { asArray, asCount, asObject, asText } from './json-fields.ts';
import type { PackedBlob } from './pack-header.ts';
import { loadRecord, type RecordPlace, saveRecordText } from './unpacked.ts';

/** What an index file is to say of one pack. */
export interface PackToIndex {
  readonly id: string;
  readonly blobs: Iterable<PackedBlob>;
}

/** What an index file says of one. */
export interface IndexedPack extends PackToIndex {
  readonly blobs: readonly PackedBlob[];
}

/** As many as stock restic puts into one. */
export const INDEX_BLOBS_MAX = 50_000;

const U32_MAX = 0xffff_ffff;

/**
 * Written pack by pack: as one document, 50,000 blobs would take tens of MiB.
 *
 * @returns the id of the new index file
 */
export function saveIndexFile(
  place: RecordPlace,
  packs: Iterable<PackToIndex>,
  options?: CallOptions,
): Promise<string> {
  const texts = Array.from(packs, (pack, at) => Buffer.from(`${at === 0 ? '' : ','}${textOf(pack)}`));
  const text = Buffer.concat([Buffer.from('{"packs":['), ...texts, Buffer.from(']}')]);
  return saveRecordText(place, 'index', text, options);
}

function textOf({ id, blobs }: PackToIndex): string {
  const entries = Array.from(blobs, (blob) =>
    JSON.stringify({
      id: blob.id,
      type: blob.type,
      offset: blob.offset,
      length: blob.length,
      uncompressed_length: blob.uncompressedLength,
    }),
  );
  return `{"id":${JSON.stringify(id)},"blobs":[${entries.join(',')}]}`;
}

/** @throws `vault.index-damaged`, `storage.*` */
export async function loadIndexFile(
  place: RecordPlace,
  id: string,
  options?: CallOptions,
): Promise<readonly IndexedPack[]> {
  const record = await loadRecord(place, 'index', id, options).catch((error: unknown) => {
    throw vaultError.matches(error) ? damaged(error) : error;
  });
  const document = asObject(record);
  const packs = asArray(document?.['packs'] ?? []);
  // Go writes an empty list as null.
  if (document === undefined || packs === undefined) throw damaged();
  return packs.map(parsePack);
}

function parsePack(value: unknown): IndexedPack {
  const pack = asObject(value);
  const id = asText(pack?.['id']);
  const blobs = asArray(pack?.['blobs'] ?? []);
  if (id === undefined || !isStoredID(id) || blobs === undefined) throw damaged();
  return { id, blobs: blobs.map(parseBlob) };
}

function parseBlob(value: unknown): PackedBlob {
  const blob = asObject(value);
  const id = asText(blob?.['id']);
  const type = blob?.['type'];
  const offset = asCount(blob?.['offset'], U32_MAX);
  const length = asCount(blob?.['length'], U32_MAX);
  const uncompressed = blob?.['uncompressed_length'];
  const isUncompressedValid = uncompressed === undefined || asCount(uncompressed, U32_MAX - 1) !== undefined;
  if (id === undefined || !isStoredID(id) || (type !== 'data' && type !== 'tree')) throw damaged();
  if (offset === undefined || length === undefined || !isUncompressedValid) throw damaged();
  const uncompressedLength = asCount(uncompressed) || undefined;
  return { id, type: type satisfies BlobType, offset, length, uncompressedLength };
}

function damaged(cause?: unknown): Error {
  return vaultError('index-damaged', {}, cause);
}
