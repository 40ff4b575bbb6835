import { duplexPair } from 'node:stream';
import { encodeBinaryPlist, encodeXmlPlist, type PlistValue } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';

/** How long anything may take that a phone does to us. */
export const HANG_MS = 10_000;

/** The phone's end of a backup connection, in the hands of somebody who means harm. */
export interface HostilePhone {
  /** As one message of DeviceLink, whatever it is. */
  say(message: PlistValue, form?: 'binary' | 'XML'): Promise<void>;
  raw(...bytes: readonly Uint8Array[]): Promise<void>;
  /** Says what a well-behaved phone would until it has the request. */
  open(): Promise<void>;
  finish(): Promise<void>;
  /** Ends without a word. */
  breakOff(): void;
  /** Everything that it got to see. */
  readonly heard: Buffer;
}

/**
 * @param channel its end of the wire; everything that arrives is read at once, so that nobody waits for it
 */
export function hostilePhone(channel: ByteChannel): HostilePhone {
  const heard: Uint8Array[] = [];
  void (async () => {
    for (;;) {
      const bytes = await channel.readSome(1024 * 1024);
      if (bytes.length === 0) return;
      heard.push(Uint8Array.from(bytes));
    }
  })().catch(() => {});

  const raw = async (...bytes: readonly Uint8Array[]): Promise<void> => {
    // A host that has hung up already is no reason to stop being hostile.
    await channel.write(Buffer.concat(bytes)).catch(() => {});
  };
  const say = async (message: PlistValue, form: 'binary' | 'XML' = 'binary'): Promise<void> => {
    const bytes = form === 'XML' && isXml(message) ? encodeXmlPlist(message) : encodeBinaryPlist(message);
    await raw(u32(bytes.length), bytes);
  };
  return {
    say,
    raw,
    async open() {
      await say(['DLMessageVersionExchange', 400, 0]);
      await say(['DLMessageDeviceReady']);
      await say(['DLMessageProcessMessage', { MessageName: 'Response', ErrorCode: 0 }]);
    },
    finish: () => say(['DLMessageProcessMessage', { MessageName: 'Response', ErrorCode: 0 }]),
    breakOff: () => channel.end(),
    get heard() {
      return Buffer.concat(heard);
    },
  };
}

/** XML has no word for a NUL, nor for a reference. */
function isXml(message: PlistValue): boolean {
  try {
    encodeXmlPlist(message);
    return true;
  } catch {
    return false;
  }
}

export function hostileWire(): { readonly ours: ByteChannel; readonly phone: HostilePhone; close(): void } {
  const [ours, theirs] = duplexPair();
  const channel = new ByteChannel(theirs);
  return { ours: new ByteChannel(ours), phone: hostilePhone(channel), close: () => channel.destroy() };
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** One file of an upload, as the phone frames it. */
export function uploaded(hostName: string | Uint8Array, content: Uint8Array): Uint8Array {
  const name = Buffer.from(hostName as string);
  const begin = [u32(1), Buffer.from('x'), u32(name.length), name];
  return Buffer.concat([
    ...begin,
    u32(content.length + 1),
    Uint8Array.of(0x0c),
    content,
    u32(1),
    Uint8Array.of(0),
  ]);
}

/** The end of an upload. */
export const NO_MORE_FILES = u32(0);
