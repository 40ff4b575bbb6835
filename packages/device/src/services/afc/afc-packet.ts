import type { ByteChannel } from '@rootcellar/core';
import { afcError } from '../errors.ts';

/**
 * Operations we send or receive; all numbers little-endian.
 * Source: device-protocols §9.1 (libimobiledevice, `src/afc.h`).
 */
export const AFC_OPERATION = {
  status: 0x01,
  data: 0x02,
  readDirectory: 0x03,
  removePath: 0x08,
  makeDirectory: 0x09,
  fileInfo: 0x0a,
  fileOpen: 0x0d,
  fileOpened: 0x0e,
  fileRead: 0x0f,
  fileWrite: 0x10,
  fileClose: 0x14,
  renamePath: 0x18,
  fileLock: 0x1b,
  removeWithContents: 0x22,
} as const;

export interface AfcPacket {
  /** Chosen by us for a request and repeated in its answer. */
  readonly number: bigint;
  readonly operation: number;
  /** What follows the header, fixed part and bulk together. */
  readonly body: Uint8Array;
}

const MAGIC = Buffer.from('CFA6LPAA');
const HEADER_BYTES = 40;

/** Our limit: we ask for at most 1 MiB at a time; directory listings can be a few MiB. */
const PACKET_BYTES_MAX = 64 * 1024 * 1024;

/**
 * @param options.fixed parameters of the operation
 * @param options.bulk content of a write; only then do the two lengths of the header differ
 */
export function encodeAfcPacket(options: {
  readonly operation: number;
  readonly number: number;
  readonly fixed: Uint8Array;
  readonly bulk?: Uint8Array;
}): Uint8Array {
  const { operation, number, fixed, bulk = new Uint8Array() } = options;
  const packet = Buffer.alloc(HEADER_BYTES + fixed.length + bulk.length);
  packet.set(MAGIC, 0);
  packet.writeBigUInt64LE(BigInt(packet.length), 8);
  packet.writeBigUInt64LE(BigInt(HEADER_BYTES + fixed.length), 16);
  packet.writeBigUInt64LE(BigInt(number), 24);
  packet.writeBigUInt64LE(BigInt(operation), 32);
  packet.set(fixed, HEADER_BYTES);
  packet.set(bulk, HEADER_BYTES + fixed.length);
  return packet;
}

/** @throws `afc.answer-invalid`, `stream.cut-short` */
export async function readAfcPacket(channel: ByteChannel): Promise<AfcPacket> {
  const header = Buffer.from(await channel.readExactly(HEADER_BYTES));
  const packetBytes = header.readBigUInt64LE(8);
  if (!header.subarray(0, 8).equals(MAGIC) || packetBytes < HEADER_BYTES || packetBytes > PACKET_BYTES_MAX) {
    throw afcError('answer-invalid', { packetBytes });
  }
  const body = await channel.readExactly(Number(packetBytes) - HEADER_BYTES);
  return { number: header.readBigUInt64LE(24), operation: Number(header.readBigUInt64LE(32)), body };
}
