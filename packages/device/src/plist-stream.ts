import { encodeXmlPlist, type PlistValue, parsePropertyList } from '@rootcellar/codecs';
import { type ByteChannel, type Clock, streamError, withTimeout } from '@rootcellar/core';
import { plistStreamError } from './errors.ts';
import type { Hear } from './trace/witness.ts';

/** Property lists with a big-endian u32 length before each: what most services speak. */
export interface PlistStream {
  readonly channel: ByteChannel;
  /** XML, as every service accepts it. */
  send(message: PlistValue): Promise<void>;
  /** `undefined` when the device closed the connection between two messages. */
  receive(options: ReceiveOptions): Promise<PlistValue | undefined>;
}

export interface ReceiveOptions {
  readonly timeoutMs: number;
  /** In our own words, for the error: "a lockdown answer". */
  readonly waitingFor: string;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

const LENGTH_BYTES = 4;

/** Our limit for control messages; the largest known, an app list, stays under 10 MiB. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * @param hear is told each message
 *
 * Source: device-protocols §2.
 */
export function plistStream(channel: ByteChannel, hear?: Hear): PlistStream {
  return {
    channel,
    send(message) {
      hear?.('sent', message);
      return channel.write(withLength(encodeXmlPlist(message)));
    },
    async receive(options) {
      const message = await withTimeout(readMessage(channel, MESSAGE_BYTES_MAX), options);
      const value = message && parsePropertyList(message);
      if (value !== undefined) hear?.('received', value);
      return value;
    },
  };
}

/** A message with its length in front. */
export function withLength(payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(LENGTH_BYTES + payload.length);
  new DataView(message.buffer).setUint32(0, payload.length);
  message.set(payload, LENGTH_BYTES);
  return message;
}

/**
 * The next message, undecoded.
 *
 * @returns `undefined` at a clean end
 * @throws `plist-stream.size-invalid` if it is empty or longer than `bytesMax`; `stream.cut-short`
 */
export async function readMessage(channel: ByteChannel, bytesMax: number): Promise<Uint8Array | undefined> {
  const prefix = await channel.read(LENGTH_BYTES);
  if (prefix.length === 0) return undefined;
  if (prefix.length < LENGTH_BYTES) {
    await channel.read(1); // Fails with the reason, if it was more than an end.
    throw streamError('cut-short', { expectedBytes: LENGTH_BYTES, receivedBytes: prefix.length });
  }
  const messageBytes = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).getUint32(0);
  if (messageBytes === 0 || messageBytes > bytesMax) {
    throw plistStreamError('size-invalid', { messageBytes });
  }
  return channel.readExactly(messageBytes);
}
