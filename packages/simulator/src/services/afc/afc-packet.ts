import type { ByteSource } from '@rootcellar/core';
import { simulatorError } from '../../errors.ts';

/** Source: libimobiledevice, `src/afc.h`, `AFCPacket`. All numbers are little-endian u64. */
const MAGIC = Buffer.from('CFA6LPAA', 'latin1');
const HEADER_BYTES = 40;

/** Writes are at most 1 MiB, paths 1 KiB; above this we have lost our place. Our limit. */
const PACKET_BYTES_MAX = 4 * 1024 * 1024;

export const OPERATION = {
  status: 0x01,
  data: 0x02,
  readFolder: 0x03,
  truncate: 0x07,
  removePath: 0x08,
  makeFolder: 0x09,
  fileInfo: 0x0a,
  deviceInfo: 0x0b,
  open: 0x0d,
  openResult: 0x0e,
  read: 0x0f,
  write: 0x10,
  seek: 0x11,
  tell: 0x12,
  tellResult: 0x13,
  close: 0x14,
  setSize: 0x15,
  rename: 0x18,
  lock: 0x1b,
  makeLink: 0x1c,
  setModificationTime: 0x1e,
  removeWithContents: 0x22,
} as const;

export const STATUS = {
  success: 0,
  unknown: 1,
  invalidArgument: 7,
  notFound: 8,
  isFolder: 9,
  notPermitted: 10,
  tooMuchData: 13,
  notSupported: 15,
  exists: 16,
  noSpaceLeft: 18,
  wouldBlock: 19,
  notEmpty: 33,
} as const;

export interface AfcRequest {
  readonly operation: number;
  /** Chosen by the client, repeated in the answer. */
  readonly number: bigint;
  /** Fixed fields and paths, and after them what FILE_WRITE writes. */
  readonly data: Uint8Array;
}

export interface AfcAnswer {
  readonly operation: number;
  readonly data: Uint8Array;
}

/**
 * Reads the next request.
 *
 * @returns `undefined` if the client closed between two requests
 * @throws `simulator.frame-size-invalid`, `simulator.frame-cut-short`
 */
export async function readAfcRequest(source: ByteSource): Promise<AfcRequest | undefined> {
  const header = await source.read(HEADER_BYTES);
  if (header.length === 0) return undefined;
  if (header.length < HEADER_BYTES) throw simulatorError('frame-cut-short');
  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const entireBytes = fields.getBigUint64(8, true);
  const isOurs = MAGIC.equals(header.subarray(0, MAGIC.length));
  if (!isOurs || entireBytes < HEADER_BYTES || entireBytes > PACKET_BYTES_MAX) {
    throw simulatorError('frame-size-invalid', { frameBytes: entireBytes });
  }
  const dataBytes = Number(entireBytes) - HEADER_BYTES;
  const data = await source.read(dataBytes);
  if (data.length < dataBytes) throw simulatorError('frame-cut-short');
  return { operation: Number(fields.getBigUint64(32, true)), number: fields.getBigUint64(24, true), data };
}

/**
 * What DATA carries comes after the fixed part, which is empty; a status or a handle is the fixed part.
 * Source: messages recorded from a phone by appium-ios-device, `afclistdirresponse` and `afcsuccessresponse`.
 */
export function afcPacket({ operation, data }: AfcAnswer, number: bigint): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + data.length);
  const fields = new DataView(packet.buffer);
  packet.set(MAGIC);
  fields.setBigUint64(8, BigInt(packet.length), true);
  const fixedBytes = operation === OPERATION.data ? HEADER_BYTES : packet.length;
  fields.setBigUint64(16, BigInt(fixedBytes), true);
  fields.setBigUint64(24, number, true);
  fields.setBigUint64(32, BigInt(operation), true);
  packet.set(data, HEADER_BYTES);
  return packet;
}

export function statusAnswer(status: number): AfcAnswer {
  return { operation: OPERATION.status, data: u64(BigInt(status)) };
}

export function dataAnswer(data: Uint8Array): AfcAnswer {
  return { operation: OPERATION.data, data };
}

/** Texts one after the other, each with a NUL behind it. */
export function textsAnswer(texts: readonly string[]): AfcAnswer {
  return dataAnswer(Buffer.from(texts.map((text) => `${text}\0`).join('')));
}

export function numberAnswer(operation: number, value: bigint): AfcAnswer {
  return { operation, data: u64(value) };
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
