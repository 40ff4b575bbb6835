import type { ManifestRow } from './manifest-row.ts';

/*
 * The MBFile of nearly every row – no link, no attributes, no key – written and read without building
 * an archive in memory: a phone has hundreds of thousands of them.
 *
 * Everything constant stands first, so that what varies – path, digest and ten numbers – has places
 * that only depend on the path's length and the numbers' sizes.
 */

/** In the order in which their values stand at the end. */
const NUMBERS = [
  'mode',
  'inode',
  'userID',
  'groupID',
  'modifiedAt',
  'changedAt',
  'bornAt',
  'sizeBytes',
  'protectionClass',
  'flags',
] as const;

type PlainFields = Pick<ManifestRow, (typeof NUMBERS)[number] | 'digest'>;

const NUMBER_KEYS = [
  'Mode',
  'InodeNumber',
  'UserID',
  'GroupID',
  'LastModified',
  'LastStatusChange',
  'Birth',
  'Size',
  'ProtectionClass',
  'Flags',
] as const;

const DIGEST_BYTES = 20;

/** After the offsets: sizes of an offset and a reference, then three numbers of 8 bytes. */
const TRAILER_BYTES = 32;

interface Frame {
  /** From `bplist00` to the last constant object. */
  readonly head: Buffer;
  /** Where each constant object begins. */
  readonly places: readonly number[];
}

const FRAMES = { withDigest: buildFrame(true), withoutDigest: buildFrame(false) } as const;

/** Can the row be written here? */
export function isPlain(row: Omit<ManifestRow, 'fileID' | 'domain' | 'relativePath'>): boolean {
  return row.target === undefined && row.encryptionKey === undefined && row.extendedAttributes.size === 0;
}

/** A keyed archive as `encodeMBFile` describes it. */
export function encodePlainMBFile(row: PlainFields & Pick<ManifestRow, 'relativePath'>): Uint8Array {
  const { digest, relativePath } = row;
  const { head, places } = digest === undefined ? FRAMES.withoutDigest : FRAMES.withDigest;
  const ascii = isAscii(relativePath);
  const textBytes = ascii ? relativePath.length : relativePath.length * 2;
  const objects = places.length + 1 + (digest === undefined ? 0 : 1) + NUMBERS.length;
  const most =
    head.length + 8 + textBytes + DIGEST_BYTES + 16 + NUMBERS.length * 9 + objects * 2 + TRAILER_BYTES;
  const bytes = Buffer.allocUnsafe(most);
  head.copy(bytes);
  const offsets: number[] = [];
  let at = head.length;
  offsets.push(at);
  at = writeLength(bytes, at, ascii ? 0x50 : 0x60, relativePath.length);
  bytes.write(relativePath, at, ascii ? 'latin1' : 'utf16le');
  if (!ascii) bytes.subarray(at, at + textBytes).swap16();
  at += textBytes;
  if (digest !== undefined) {
    offsets.push(at);
    at = writeLength(bytes, at, 0x40, digest.length);
    bytes.set(digest, at);
    at += digest.length;
  }
  for (const name of NUMBERS) {
    offsets.push(at);
    at = writeNumber(bytes, at, row[name]);
  }
  const table = at;
  for (const place of places) at = bytes.writeUInt16BE(place, at);
  for (const offset of offsets) at = bytes.writeUInt16BE(offset, at);
  return bytes.subarray(0, writeTrailer(bytes, at, { objects, table }));
}

/**
 * Reads what `encodePlainMBFile` wrote.
 *
 * @returns `undefined` for every other archive: what is read must give the same bytes again
 */
export function parsePlainMBFile(archive: Uint8Array, relativePath: string): PlainFields | undefined {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  for (const hasDigest of [false, true]) {
    const { head } = hasDigest ? FRAMES.withDigest : FRAMES.withoutDigest;
    if (bytes.length < head.length || head.compare(bytes, 0, head.length) !== 0) continue;
    const fields = readFields(bytes, head.length, { relativePath, hasDigest });
    const again = fields && encodePlainMBFile({ ...fields, relativePath });
    if (again !== undefined && bytes.equals(again)) return fields;
  }
  return undefined;
}

function readFields(
  bytes: Buffer,
  start: number,
  { relativePath, hasDigest }: { readonly relativePath: string; readonly hasDigest: boolean },
): PlainFields | undefined {
  const units = relativePath.length;
  const textBytes = isAscii(relativePath) ? units : units * 2;
  let at = start + (units < 15 ? 1 : units < 0x100 ? 3 : 4) + textBytes;
  let digest: Uint8Array | undefined;
  if (hasDigest) {
    digest = new Uint8Array(bytes.subarray(at + 3, at + 3 + DIGEST_BYTES));
    at += 3 + DIGEST_BYTES;
  }
  const values: number[] = [];
  for (const _ of NUMBERS) {
    const power = (bytes[at] ?? 0xff) - 0x10;
    const sizeBytes = 1 << power;
    if (power < 0 || power > 3 || at + 1 + sizeBytes > bytes.length) return undefined;
    values.push(sizeBytes < 8 ? bytes.readUIntBE(at + 1, sizeBytes) : Number(bytes.readBigInt64BE(at + 1)));
    at += 1 + sizeBytes;
  }
  const [mode = 0, inode = 0, userID = 0, groupID = 0, modifiedAt = 0] = values;
  const [changedAt = 0, bornAt = 0, sizeBytes = 0, protectionClass = 0, flags = 0] = values.slice(5);
  return {
    mode,
    inode,
    userID,
    groupID,
    modifiedAt,
    changedAt,
    bornAt,
    sizeBytes,
    protectionClass,
    flags,
    digest,
  };
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}

/** The marker of a text, data or list, and its length. Source: CFBinaryPList.c, format comment. */
function writeLength(bytes: Buffer, start: number, kind: number, length: number): number {
  if (length < 15) return bytes.writeUInt8(kind | length, start);
  const at = bytes.writeUInt8(kind | 0x0f, start);
  return writeNumber(bytes, at, length);
}

/** In the smallest of 1, 2, 4 and 8 bytes; only 8 can be negative. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  if (value < 0 || value > 0xffffffff) {
    bytes.writeUInt8(0x13, at);
    return bytes.writeBigInt64BE(BigInt(value), at + 1);
  }
  if (value < 0x100) return bytes.writeUInt8(value, bytes.writeUInt8(0x10, at));
  if (value < 0x10000) return bytes.writeUInt16BE(value, bytes.writeUInt8(0x11, at));
  return bytes.writeUInt32BE(value, bytes.writeUInt8(0x12, at));
}

function writeTrailer(bytes: Buffer, at: number, counts: { objects: number; table: number }): number {
  bytes.fill(0, at, at + TRAILER_BYTES);
  bytes[at + 6] = 2;
  bytes[at + 7] = 1;
  bytes.writeUInt32BE(counts.objects, at + 12);
  bytes.writeUInt32BE(counts.table, at + 28);
  return at + TRAILER_BYTES;
}

/** The constant objects; references are numbers of objects, the path and numbers come after them. */
function buildFrame(hasDigest: boolean): Frame {
  const keys = ['RelativePath', ...(hasDigest ? ['Digest'] : []), ...NUMBER_KEYS, '$class'];
  const objects: Buffer[] = [];
  const add = (object: Buffer): number => objects.push(object) - 1;
  const text = (value: string): number => add(constant(0x50, value.length, Buffer.from(value, 'latin1')));
  const uid = (value: number): number => add(Buffer.from([0x80, value]));
  const dict = (names: readonly number[], values: readonly number[]): Buffer =>
    constant(0xd0, names.length, Buffer.from([...names, ...values]));
  const list = (values: readonly number[]): Buffer => constant(0xa0, values.length, Buffer.from(values));
  add(Buffer.alloc(0));
  const top = ['$version', '$archiver', '$top', '$objects'].map(text);
  const version = add(Buffer.from([0x12, 0, 1, 0x86, 0xa0]));
  const archiver = text('NSKeyedArchiver');
  const root = add(dict([text('root')], [uid(1)]));
  const nothing = text('$null');
  const pathReference = uid(2);
  const digestReference = hasDigest ? uid(3) : -1;
  const classReference = uid(hasDigest ? 4 : 3);
  const [className, mbFile, object] = [text('$classname'), text('MBFile'), text('NSObject')];
  const classes = text('$classes');
  const classObject = add(dict([className, classes], [mbFile, add(list([mbFile, object]))]));
  const names = keys.map(text);
  const record = add(Buffer.alloc(0));
  const archived = add(Buffer.alloc(0));
  const path = objects.length;
  const digest = path + 1;
  const firstNumber = hasDigest ? path + 2 : path + 1;
  const references = [
    pathReference,
    ...(hasDigest ? [digestReference] : []),
    ...NUMBERS.map((_, index) => firstNumber + index),
    classReference,
  ];
  objects[record] = dict(names, references);
  objects[archived] = list([nothing, record, path, ...(hasDigest ? [digest] : []), classObject]);
  objects[0] = dict(top, [version, archiver, root, archived]);
  const places: number[] = [];
  let at = 8;
  for (const bytes of objects) {
    places.push(at);
    at += bytes.length;
  }
  return { head: Buffer.concat([Buffer.from('bplist00', 'latin1'), ...objects]), places };
}

function constant(kind: number, length: number, content: Buffer): Buffer {
  const marker = length < 15 ? [kind | length] : [kind | 0x0f, 0x10, length];
  return Buffer.concat([Buffer.from(marker), content]);
}
