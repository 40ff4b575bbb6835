import {
  asArray,
  asDict,
  asString,
  encodeBinaryPlist,
  type PlistArray,
  type PlistDict,
  PlistReal,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { type ByteChannel, withTimeout } from '@rootcellar/core';
import { backupAgentError } from '../errors.ts';

/**
 * Our limit on one message of the host, the protocol sets none. The largest honest one lists a folder:
 * 100,000 files take about 10 MB.
 */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * How long the phone waits for a host. Long, because a host may move half a million files before it
 * answers. Unknown: how long a real phone waits.
 */
const HOST_TIMEOUT_MS = 10 * 60 * 1000;

/** What stands for "no text". Source: libimobiledevice, `device_link_service.c`. */
export const EMPTY_PARAMETER = '___EmptyParameterString___';

/** Pings that may stand between two messages before we call it nonsense. */
const PINGS_MAX = 1000;

/**
 * The DeviceLink protocol, phone's side: property lists with a length before them, and stretches of
 * raw bytes that `HostFolder` reads and writes.
 *
 * Source: device-protocols specification, sections 2 and 6.
 */
export class DeviceLink {
  readonly #channel: ByteChannel;
  readonly #signal: AbortSignal;
  readonly #onMessage: (name: string) => void;
  /** A byte that is being read before anybody asked for it. */
  #ahead: Promise<Uint8Array> | undefined;

  /** @param onMessage called with the name of each message before it is sent */
  constructor(channel: ByteChannel, signal: AbortSignal, onMessage: (name: string) => void = () => {}) {
    this.#channel = channel;
    this.#signal = signal;
    this.#onMessage = onMessage;
  }

  /**
   * Greets the host: the phone speaks first.
   *
   * @param major 300 before iOS 14, 400 since. A host may answer with any version it knows.
   * @throws `backup-agent.no-common-version`, and as `receive`
   */
  async greet(major: number): Promise<void> {
    await this.send(['DLMessageVersionExchange', major, 0]);
    const [name, answer] = await this.receive();
    if (name !== 'DLMessageVersionExchange' || answer !== 'DLVersionsOk') {
      throw backupAgentError('no-common-version');
    }
    await this.send(['DLMessageDeviceReady']);
  }

  async send(message: PlistArray): Promise<void> {
    this.#onMessage(asString(message[0]) ?? '');
    const body = encodeBinaryPlist(message);
    const frame = new Uint8Array(4 + body.length);
    new DataView(frame.buffer).setUint32(0, body.length);
    frame.set(body, 4);
    await this.write(frame);
  }

  /** Ends the job, or answers Hello. */
  async sendProcessMessage(message: PlistDict): Promise<void> {
    await this.send(['DLMessageProcessMessage', message]);
  }

  /**
   * The next message but pings.
   *
   * @throws `backup-agent.host-left` after a Disconnect, `host-vanished` when the stream ends without
   *   one, `message-too-large`, `message-not-understood`, or a `plist` error
   */
  async receive(): Promise<PlistArray> {
    for (let pings = 0; pings < PINGS_MAX; pings += 1) {
      const messageBytes = await this.readU32();
      if (messageBytes > MESSAGE_BYTES_MAX) {
        throw backupAgentError('message-too-large', { messageBytes, bytesMax: MESSAGE_BYTES_MAX });
      }
      const message = asArray(parsePropertyList(await this.readBytes(messageBytes)));
      const name = asString(message?.[0]);
      if (message === undefined || name === undefined) {
        throw backupAgentError('message-not-understood', { reason: 'no named array' });
      }
      if (name === 'DLMessageDisconnect') throw backupAgentError('host-left');
      if (name !== 'DLMessagePing') return message;
    }
    throw backupAgentError('message-not-understood', { reason: 'nothing but pings' });
  }

  /** The dictionary of the next message, which must be a ProcessMessage. */
  async receiveProcessMessage(): Promise<PlistDict> {
    const [name, content] = await this.receive();
    const message = asDict(content);
    if (name !== 'DLMessageProcessMessage' || message === undefined) {
      throw backupAgentError('message-not-understood', { reason: 'no process message' });
    }
    return message;
  }

  /**
   * Waits until the host speaks out of turn or is gone; for the time in which the phone waits for its
   * owner. What the host said is not lost: it is read later.
   */
  async untilHostMoves(): Promise<void> {
    this.#ahead ??= this.#channel.read(1);
    await this.#ahead.catch(() => {});
  }

  async readBytes(count: number): Promise<Uint8Array> {
    const first = await this.#takeAhead(count);
    const rest = await this.#wait(this.#channel.read(count - first.length));
    if (first.length + rest.length < count) throw backupAgentError('host-vanished');
    return first.length === 0 ? rest : Buffer.concat([first, rest]);
  }

  /** At least one byte and at most `bytesMax`. */
  async readSome(bytesMax: number): Promise<Uint8Array> {
    const first = await this.#takeAhead(bytesMax);
    if (first.length > 0) return first;
    const bytes = await this.#wait(this.#channel.readSome(bytesMax));
    if (bytes.length === 0) throw backupAgentError('host-vanished');
    return bytes;
  }

  async readU32(): Promise<number> {
    const bytes = await this.readBytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#wait(this.#channel.write(bytes));
  }

  async writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    await this.#wait(this.#channel.writeAll(pieces));
  }

  async #takeAhead(count: number): Promise<Uint8Array> {
    const ahead = this.#ahead;
    if (ahead === undefined || count === 0) return new Uint8Array();
    this.#ahead = undefined;
    return this.#wait(ahead);
  }

  async #wait<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await withTimeout(work, {
        timeoutMs: HOST_TIMEOUT_MS,
        waitingFor: 'the computer',
        signal: this.#signal,
      });
    } catch (error) {
      throw backupAgentError('host-vanished', {}, error);
    }
  }
}

/** The answer to a message of the phone. */
export interface HostStatus {
  /** 0, or negative as the host's table of causes says. */
  readonly code: number;
  readonly payload: PlistValue | undefined;
}

/**
 * Reads a StatusResponse. Hosts send negative codes as signed 64-bit, unsigned 64-bit or 128-bit
 * integers; all are taken as the signed number that was meant.
 *
 * Source: libplist writes −6 as 16 bytes `0…0 fffffffffffffffa`; pymobiledevice3 as unsigned 64-bit.
 */
export async function receiveStatus(link: DeviceLink): Promise<HostStatus> {
  const [name, code, , payload] = await link.receive();
  if (name !== 'DLMessageStatusResponse') {
    throw backupAgentError('message-not-understood', { reason: 'no status' });
  }
  const signed = signedInteger(code);
  if (signed === undefined)
    throw backupAgentError('message-not-understood', { reason: 'a status without code' });
  return { code: signed, payload };
}

/** An integer as signed 64-bit; `undefined` if it is none. */
export function signedInteger(value: PlistValue | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(BigInt.asIntN(64, value));
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** Progress is always a real: hosts read nothing else. */
export function percent(value: number): PlistReal {
  return new PlistReal(value);
}
