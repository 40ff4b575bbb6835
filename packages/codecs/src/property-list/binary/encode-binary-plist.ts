import { ByteWriter } from '../../bytes/byte-writer.ts';
import { plistError } from '../../errors.ts';
import { INTEGER_MAX, INTEGER_MIN } from '../integer.ts';
import { PlistReal, PlistUid, type PlistValue } from '../value.ts';
import { Container, type FlatObject, flatten } from './flatten.ts';
import { COUNT_FOLLOWS, EPOCH_2001_SECONDS, FALSE_BYTE, MAGIC, MARKER, TRUE_BYTE } from './layout.ts';

/**
 * Writes a binary property list. The same value always gives the same bytes.
 *
 * Integers take the smallest of 1, 2, 4 (unsigned), 8 and 16 bytes, negative ones at least 8. Reals
 * take 8 bytes. Entries of a dictionary whose value is `undefined` are left out.
 *
 * @throws `plist.integer-too-large`, `plist.too-deep` (also for a value that contains itself),
 *   `plist.too-many-values`
 */
export function encodeBinaryPlist(value: PlistValue): Uint8Array {
  const objects = flatten(value);
  const writer = new ByteWriter();
  const refBytes = sizeFor(objects.length);
  const offsets: number[] = [];
  writer.bytes(MAGIC);
  for (const object of objects) {
    offsets.push(writer.length);
    writeObject(writer, object, refBytes);
  }
  writeOffsetsAndTrailer(writer, offsets, refBytes);
  return writer.toBytes();
}

function writeOffsetsAndTrailer(writer: ByteWriter, offsets: readonly number[], refBytes: number): void {
  const tableOffset = writer.length;
  const offsetBytes = sizeFor(tableOffset);
  for (const offset of offsets) writer.unsigned(offset, offsetBytes);
  writer.unsigned(0, 6);
  writer.byte(offsetBytes);
  writer.byte(refBytes);
  writer.unsigned(offsets.length, 8);
  writer.unsigned(0, 8);
  writer.unsigned(tableOffset, 8);
}

/** 3, 5, 6 and 7 bytes are legal too, but older readers do not know them. */
function sizeFor(largest: number): 1 | 2 | 4 | 8 {
  if (largest < 2 ** 8) return 1;
  if (largest < 2 ** 16) return 2;
  return largest < 2 ** 32 ? 4 : 8;
}

function writeObject(writer: ByteWriter, object: FlatObject, refBytes: number): void {
  if (typeof object === 'string') writeText(writer, object);
  else if (typeof object === 'boolean') writer.byte(object ? TRUE_BYTE : FALSE_BYTE);
  else if (typeof object === 'number' || typeof object === 'bigint') writeInteger(writer, object);
  else if (object instanceof Container) writeContainer(writer, object, refBytes);
  else if (object instanceof PlistReal) writeDouble(writer, MARKER.real, object.value);
  else if (object instanceof PlistUid) writeUid(writer, object.value);
  else if (object instanceof Date) writeDate(writer, object);
  else writeData(writer, object);
}

function writeData(writer: ByteWriter, data: Uint8Array): void {
  writeHead(writer, MARKER.data, data.length);
  writer.bytes(data);
}

function writeContainer(writer: ByteWriter, container: Container, refBytes: number): void {
  writeHead(writer, MARKER[container.kind], container.valueRefs.length);
  for (const ref of container.keyRefs) writer.unsigned(ref, refBytes);
  for (const ref of container.valueRefs) writer.unsigned(ref, refBytes);
}

function writeText(writer: ByteWriter, text: string): void {
  if (isAscii(text)) {
    writeHead(writer, MARKER.ascii, text.length);
    writer.latin1(text);
  } else {
    writeHead(writer, MARKER.utf16, text.length);
    writer.utf16(text);
  }
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

function writeInteger(writer: ByteWriter, value: number | bigint): void {
  if (value >= 0 && value < 2 ** 32) writeSmallInteger(writer, Number(value));
  else writeWideInteger(writer, BigInt(value));
}

function writeWideInteger(writer: ByteWriter, wide: bigint): void {
  if (BigInt.asIntN(64, wide) === wide) {
    writer.byte((MARKER.integer << 4) | 3);
    writer.signed64(wide);
    return;
  }
  if (wide > INTEGER_MAX || wide < INTEGER_MIN) throw plistError('integer-too-large');
  writer.byte((MARKER.integer << 4) | 4);
  writer.signed64(wide >> 64n);
  writer.signed64(BigInt.asIntN(64, wide));
}

function writeSmallInteger(writer: ByteWriter, value: number): void {
  const sizeExponent = value < 2 ** 8 ? 0 : value < 2 ** 16 ? 1 : 2;
  writer.byte((MARKER.integer << 4) | sizeExponent);
  writer.unsigned(value, 2 ** sizeExponent);
}

function writeDouble(writer: ByteWriter, marker: number, value: number): void {
  writer.byte((marker << 4) | 3);
  writer.double(value);
}

function writeDate(writer: ByteWriter, date: Date): void {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError('An invalid date cannot be written');
  writeDouble(writer, MARKER.date, ms / 1000 - EPOCH_2001_SECONDS);
}

function writeUid(writer: ByteWriter, value: number): void {
  const sizeBytes = sizeFor(value);
  writer.byte((MARKER.uid << 4) | (sizeBytes - 1));
  writer.unsigned(value, sizeBytes);
}

function writeHead(writer: ByteWriter, marker: number, count: number): void {
  writer.byte((marker << 4) | Math.min(count, COUNT_FOLLOWS));
  if (count >= COUNT_FOLLOWS) writeInteger(writer, count);
}
