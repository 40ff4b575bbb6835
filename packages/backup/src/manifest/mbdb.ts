import { fileIDOfBytes } from '../folder/blob-path.ts';
import type { FileRecord } from './file-record.ts';
import { MbdbFields, mbdbDamage } from './mbdb-fields.ts';

/** `mbdb` and the version 5.0. Source: backup-format §4, and every list of iOS 5 to 9 that was described. */
const HEADER = Buffer.from('6d6264620500', 'hex');

/** Records take 100 to 300 bytes, attributes 2,048 at most; the format allows 33 MB. */
const RECORD_BYTES_MAX = 64 * 1024;

/** One record of a Manifest.mbdb. Everything in it comes from the device; nothing is checked. */
export interface MbdbRecord {
  /** `undefined` without a domain. */
  readonly fileID: string | undefined;
  readonly domain: string | undefined;
  readonly record: FileRecord;
}

/**
 * Cuts a Manifest.mbdb, the list of files of iOS 5 to 9, into the bytes of its records, in their order. Memory holds
 * one record and one piece of the source.
 *
 * @throws `backup.manifest-damaged`, also after some records: without a record's end nobody knows where the next begins
 */
export async function* splitMbdb(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let rest: Uint8Array = new Uint8Array();
  let headerSeen = false;
  for await (const piece of source) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (!headerSeen && bytes.length >= HEADER.length) {
      requireHeader(bytes);
      bytes = bytes.subarray(HEADER.length);
      headerSeen = true;
    }
    let start = 0;
    for (let end = headerSeen ? endOfRecord(bytes, start) : undefined; end !== undefined; ) {
      yield bytes.subarray(start, end);
      start = end;
      end = endOfRecord(bytes, start);
    }
    rest = bytes.subarray(start);
    if (rest.length > RECORD_BYTES_MAX) throw mbdbDamage('record too large');
  }
  if (!headerSeen) throw mbdbDamage('no mbdb');
  if (rest.length > 0) throw mbdbDamage('cut short');
}

/** Reads the bytes of one record, as `splitMbdb` gives them. @throws `backup.manifest-damaged` */
export function parseMbdbRecord(bytes: Uint8Array): MbdbRecord {
  const fields = new MbdbFields(bytes);
  const domain = fields.data();
  const path = fields.data() ?? NOTHING;
  const record: FileRecord = {
    relativePath: textOf(path),
    target: fields.text(),
    digest: filled(fields.data()),
    encryptionKey: filled(fields.data()),
    mode: fields.unsigned16(),
    inode: fields.unsigned64(),
    userID: fields.signed32(),
    groupID: fields.signed32(),
    modifiedAt: fields.date(),
    changedAt: fields.date(),
    bornAt: fields.date(),
    sizeBytes: sizeOf(fields.unsigned64()),
    protectionClass: fields.unsigned8(),
    extendedAttributes: attributesOf(fields),
    flags: undefined,
  };
  if (!fields.isAtEnd) throw mbdbDamage('more after the end');
  return { fileID: domain && fileIDOfBytes(domain, path), domain: domain && textOf(domain), record };
}

const NOTHING = new Uint8Array();

/** Where the record that begins at `start` ends, or `undefined` if its end has not arrived. */
function endOfRecord(bytes: Uint8Array, start: number): number | undefined {
  const fields = new MbdbFields(bytes.subarray(start, start + RECORD_BYTES_MAX));
  return fields.skipRecord() ? start + fields.position : undefined;
}

function requireHeader(bytes: Uint8Array): void {
  if (HEADER.equals(bytes.subarray(0, HEADER.length))) return;
  throw mbdbDamage(HEADER.subarray(0, 4).equals(bytes.subarray(0, 4)) ? 'unknown version' : 'no mbdb');
}

function attributesOf(fields: MbdbFields): ReadonlyMap<string, Uint8Array> | undefined {
  const count = fields.unsigned8();
  const attributes = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const name = fields.text();
    const value = fields.data();
    if (name !== undefined) attributes.set(name, value ?? NOTHING);
  }
  return count === 0 ? undefined : attributes;
}

/** Null and empty mean the same: there is none. */
function filled(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes?.length === 0 ? undefined : bytes;
}

function sizeOf(bytes: number | bigint): number | undefined {
  return typeof bytes === 'number' ? bytes : undefined;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
