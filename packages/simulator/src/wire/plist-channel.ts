import { encodeBinaryPlist, encodeXmlPlist, type PlistValue, parsePropertyList } from '@rootcellar/codecs';
import type { ByteChannel } from '@rootcellar/core';
import { simulatorError } from '../errors.ts';

/** u32 big-endian: the size of the property list that follows. Source: device-protocols, section 2. */
const LENGTH_BYTES = 4;

/** Our limit: requests to lockdown and the small services are a few KiB, pair records 20 KiB at most. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

export type PlistForm = 'xml' | 'binary';

export interface PlistMessage {
  readonly value: PlistValue;
  /** How the other side wrote it; some services answer in the same form. */
  readonly form: PlistForm;
}

/** Property lists with a length in front, as lockdown and most services exchange them. */
export interface PlistChannel {
  /** @returns `undefined` when the other side closed between two messages */
  receive(): Promise<PlistMessage | undefined>;
  /** XML unless told otherwise. */
  send(value: PlistValue, form?: PlistForm): Promise<void>;
}

/**
 * Reads and writes framed property lists on a channel.
 *
 * `receive` throws `simulator.frame-size-invalid`, `simulator.frame-cut-short` or an error of area
 * `plist`: in each case our place in the stream is lost and the connection has to be closed.
 */
export function plistChannel(channel: ByteChannel): PlistChannel {
  return {
    receive: async () => {
      const length = await channel.read(LENGTH_BYTES);
      if (length.length === 0) return undefined;
      const messageBytes = readLength(length);
      const message = await channel.read(messageBytes);
      if (message.length < messageBytes) throw simulatorError('frame-cut-short');
      return { value: parsePropertyList(message), form: formOf(message) };
    },
    send: async (value, form = 'xml') => {
      const message = form === 'xml' ? encodeXmlPlist(value) : encodeBinaryPlist(value);
      const frame = new Uint8Array(LENGTH_BYTES + message.length);
      new DataView(frame.buffer).setUint32(0, message.length);
      frame.set(message, LENGTH_BYTES);
      await channel.write(frame);
    },
  };
}

function readLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES) throw simulatorError('frame-cut-short');
  const frameBytes = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getUint32(0);
  if (frameBytes === 0 || frameBytes > MESSAGE_BYTES_MAX) {
    throw simulatorError('frame-size-invalid', { frameBytes });
  }
  return frameBytes;
}

function formOf(message: Uint8Array): PlistForm {
  return Buffer.from(message.subarray(0, 8)).toString('latin1') === 'bplist00' ? 'binary' : 'xml';
}
