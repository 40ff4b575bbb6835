import { encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import type { ByteSource } from '@rootcellar/core';
import { simulatorError } from '../errors.ts';

/** Four little-endian u32s: size of the whole frame, protocol version, kind, tag. */
const HEADER_BYTES = 16;

/** What usbmuxd's command buffer holds. Source: usbmuxd, `src/client.c`, `CMD_BUF_SIZE`. */
export const REQUEST_BYTES_MAX = 0x10000;

/** Every frame that carries a property list. */
const KIND_PLIST = 8;
const KIND_RESULT = 1;
export const VERSION_PLIST = 1;
const VERSION_BINARY = 0;

export interface MuxFrame {
  /** 1 for property lists, 0 for the binary records of before 2010. */
  readonly version: number;
  readonly kind: number;
  /** Chosen by the client and repeated in the answer; 0 in events. */
  readonly tag: number;
  readonly payload: Uint8Array;
}

/**
 * Reads a client's next frame.
 *
 * @returns `undefined` if the client closed between two frames
 * @throws `simulator.frame-size-invalid` if the size is under 16 bytes or over 64 KiB
 * @throws `simulator.frame-cut-short` if the client closed inside a frame
 *
 * Source: libusbmuxd, `include/usbmuxd-proto.h`, `struct usbmuxd_header`.
 */
export async function readMuxFrame(source: ByteSource): Promise<MuxFrame | undefined> {
  const header = await source.read(HEADER_BYTES);
  if (header.length === 0) return undefined;
  if (header.length < HEADER_BYTES) throw simulatorError('frame-cut-short');

  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const frameBytes = fields.getUint32(0, true);
  if (frameBytes < HEADER_BYTES || frameBytes > REQUEST_BYTES_MAX) {
    throw simulatorError('frame-size-invalid', { frameBytes });
  }

  const payload = await source.read(frameBytes - HEADER_BYTES);
  if (payload.length < frameBytes - HEADER_BYTES) throw simulatorError('frame-cut-short');
  return {
    version: fields.getUint32(4, true),
    kind: fields.getUint32(8, true),
    tag: fields.getUint32(12, true),
    payload,
  };
}

/** A property list as usbmuxd sends it: always XML, whatever form the request had. */
export function muxPlistFrame(content: PlistDict, tag: number): Uint8Array {
  return frame({ version: VERSION_PLIST, kind: KIND_PLIST, tag, payload: encodeXmlPlist(content) });
}

/** The refusal that even a client of the binary protocol can read. */
export function muxBadVersionFrame(tag: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, RESULT.badVersion, true);
  return frame({ version: VERSION_BINARY, kind: KIND_RESULT, tag, payload });
}

/** Source: libusbmuxd, `include/usbmuxd-proto.h`, `enum usbmuxd_result`; errno for pair records. */
export const RESULT = {
  ok: 0,
  badCommand: 1,
  badDevice: 2,
  connectionRefused: 3,
  badVersion: 6,
  /** ENOENT: there is no such pair record. */
  noRecord: 2,
  /** EINVAL: a pair record call without a usable identifier or data. */
  badRecord: 22,
} as const;

function frame({ version, kind, tag, payload }: MuxFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const fields = new DataView(bytes.buffer);
  fields.setUint32(0, bytes.length, true);
  fields.setUint32(4, version, true);
  fields.setUint32(8, kind, true);
  fields.setUint32(12, tag, true);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
