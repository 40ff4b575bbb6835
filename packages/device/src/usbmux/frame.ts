import type { ByteSource } from '@rootcellar/core';
import { usbmuxError } from '../errors.ts';

/** Four little-endian u32s: size of the whole frame, protocol version, kind, tag. */
const HEADER_BYTES = 16;

/** Our limit; the protocol sets none. A larger size means we lost our place in the stream. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

/** Version 1 is the one whose payloads are property lists; 0 is from before 2010. */
const PLIST_VERSION = 1;

/** The only kind of version 1, in both directions. */
const PLIST_KIND = 8;

export interface Frame {
  /** 8 is a property list, the only kind we send. */
  readonly kind: number;
  /** Chosen by the sender of a request and repeated in its answer. */
  readonly tag: number;
  readonly payload: Uint8Array;
}

/**
 * Reads the next frame from usbmuxd.
 *
 * @returns the frame, or `undefined` if usbmuxd closed the connection between two frames
 * @throws `usbmux.frame-cut-short` if it closed inside one
 * @throws `usbmux.frame-size-invalid` if the size is under 16 bytes or over 16 MiB
 *
 * Source: libusbmuxd, `include/usbmuxd-proto.h`, `struct usbmuxd_header`.
 */
export async function readFrame(source: ByteSource): Promise<Frame | undefined> {
  const header = await source.read(HEADER_BYTES);
  if (header.length === 0) return undefined;
  requireWhole(header, HEADER_BYTES);

  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const frameBytes = fields.getUint32(0, true);
  if (frameBytes < HEADER_BYTES || frameBytes > FRAME_BYTES_MAX) {
    throw usbmuxError('frame-size-invalid', { frameBytes });
  }

  const payloadBytes = frameBytes - HEADER_BYTES;
  const payload = await source.read(payloadBytes);
  requireWhole(payload, payloadBytes);

  return { kind: fields.getUint32(8, true), tag: fields.getUint32(12, true), payload };
}

/** A request: a property list under the header of version 1. */
export function encodeFrame(tag: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  const fields = new DataView(frame.buffer);
  fields.setUint32(0, frame.length, true);
  fields.setUint32(4, PLIST_VERSION, true);
  fields.setUint32(8, PLIST_KIND, true);
  fields.setUint32(12, tag, true);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

function requireWhole(bytes: Uint8Array, expectedBytes: number): void {
  if (bytes.length < expectedBytes) {
    throw usbmuxError('frame-cut-short', { expectedBytes, receivedBytes: bytes.length });
  }
}
