import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  asArray,
  asData,
  asDict,
  asInteger,
  asString,
  encodeXmlPlist,
  type PlistDict,
  parsePropertyList,
} from '@rootcellar/codecs';
import { ByteChannel, KnownError, withTimeout } from '@rootcellar/core';
import { usbmuxError } from '../errors.ts';
import type { Witness } from '../trace/witness.ts';
import { type UsbmuxAddress, usbmuxAddress } from './address.ts';
import { type Attachment, type Device, groupByDevice, parseAttachment } from './attachment.ts';
import { encodeFrame, readFrame } from './frame.ts';

/** The daemon is on this machine: it answers at once or is not well. Source: libusbmuxd uses 5 s. */
const ANSWER_TIMEOUT_MS = 10_000;

/** What the daemon wants to know about us. Source: device-protocols §1.3. */
const CLIENT = { ClientVersionString: 'rootcellar 1', ProgName: 'rootcellar', kLibUSBMuxVersion: 3 };

/** Result numbers. For pair records 2 means "no such file", for connections "no such device". */
const RESULT_OK = 0;
const RESULT_BAD_DEVICE = 2;
const RESULT_REFUSED = 3;
const ERRNO_NOT_FOUND = 2;

/** The daemon that knows which devices are attached, and keeps their pair records. */
export interface Usbmux {
  /** @throws `usbmux.not-running`, `usbmux.not-permitted` */
  listDevices(): Promise<readonly Device[]>;
  /** How many show no UDID yet: they are starting, or in recovery mode. */
  countUnready(): Promise<number>;
  /** A stream to a TCP port of a device. @throws `usbmux.device-gone`, `usbmux.port-refused` */
  connect(attachment: Attachment, port: number): Promise<Duplex>;
  /** This computer's name in pairings: an upper-case UUID. */
  readBuid(): Promise<string>;
  /** The whole file, a property list; `undefined` if there is none. */
  readPairRecord(udid: string): Promise<Uint8Array | undefined>;
  savePairRecord(udid: string, record: Uint8Array, deviceID?: number): Promise<void>;
  deletePairRecord(udid: string): Promise<void>;
  /** A connection that says what is plugged in and out, until it is closed. See `watchDevices`. */
  openListener(): Promise<ByteChannel>;
  /** Hears everything that is said, decrypted, if somebody records it. */
  readonly witness?: Witness | undefined;
}

/**
 * A client of usbmuxd. Each request opens a connection of its own, as all clients do.
 *
 * @param witness hears all of it, and what is said to devices through it
 */
export function usbmuxClient(address: UsbmuxAddress = usbmuxAddress(), witness?: Witness): Usbmux {
  return usbmuxOver(() => openChannel(address), witness);
}

/**
 * The same over connections that somebody else opens.
 *
 * Source: device-protocols §1.4.
 */
export function usbmuxOver(open: () => Promise<ByteChannel>, witness?: Witness): Usbmux {
  const exchange = async (channel: ByteChannel, request: PlistDict): Promise<PlistDict> => {
    const hear = witness?.({ layer: 'usbmux' });
    hear?.('sent', { ...request, ...CLIENT });
    const answer = await exchangeFrames(channel, request);
    hear?.('received', answer);
    return answer;
  };
  const ask = async (request: PlistDict): Promise<PlistDict> => {
    const channel = await open();
    try {
      return await exchange(channel, request);
    } finally {
      channel.destroy();
    }
  };

  const listEntries = async () => {
    const answer = await ask({ MessageType: 'ListDevices' });
    const entries = asArray(answer['DeviceList']);
    if (entries === undefined) throw usbmuxError('unknown-answer', { answer: resultOf(answer) });
    return entries;
  };

  return {
    witness,

    async listDevices() {
      return groupByDevice((await listEntries()).flatMap((entry) => parseAttachment(entry) ?? []));
    },

    async countUnready() {
      return (await listEntries()).filter((entry) => parseAttachment(entry) === undefined).length;
    },

    async connect(attachment, port) {
      const channel = await open();
      try {
        const { deviceID: DeviceID } = attachment;
        const request = { MessageType: 'Connect', DeviceID, PortNumber: swapBytes(port) };
        requireConnected(resultOf(await exchange(channel, request)), port);
        return channel.release();
      } catch (error) {
        channel.destroy();
        throw error;
      }
    },

    async readBuid() {
      const answer = await ask({ MessageType: 'ReadBUID' });
      const buid = asString(answer['BUID']);
      if (buid === undefined) throw usbmuxError('unknown-answer', { answer: resultOf(answer) });
      return buid;
    },

    async readPairRecord(udid) {
      const answer = await ask({ MessageType: 'ReadPairRecord', PairRecordID: udid });
      const record = asData(answer['PairRecordData']);
      if (record !== undefined) return record;
      const result = resultOf(answer);
      if (result === ERRNO_NOT_FOUND) return undefined;
      throw usbmuxError('unknown-answer', { answer: result });
    },

    async savePairRecord(udid, record, deviceID) {
      const request = { MessageType: 'SavePairRecord', PairRecordID: udid, PairRecordData: record };
      requireOk(resultOf(await ask(deviceID === undefined ? request : { ...request, DeviceID: deviceID })));
    },

    async deletePairRecord(udid) {
      const result = resultOf(await ask({ MessageType: 'DeletePairRecord', PairRecordID: udid }));
      if (result !== ERRNO_NOT_FOUND) requireOk(result);
    },

    async openListener() {
      const channel = await open();
      try {
        requireOk(resultOf(await exchange(channel, { MessageType: 'Listen' })));
        return channel;
      } catch (error) {
        channel.destroy();
        throw error;
      }
    },
  };
}

/** Ports travel with their bytes swapped: 62078 as 32498. Source: device-protocols §1.6. */
export function swapBytes(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

async function openChannel(address: UsbmuxAddress): Promise<ByteChannel> {
  const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
  try {
    await withTimeout(connected(socket), { timeoutMs: ANSWER_TIMEOUT_MS, waitingFor: 'the USB service' });
  } catch (error) {
    socket.destroy();
    throw asConnectError(error);
  }
  socket.setNoDelay(true);
  return new ByteChannel(socket);
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
    socket.once('error', reject);
  });
}

function asConnectError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || error instanceof KnownError) return error;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  // Whatever else the system says – no such host, no such path, a reset –, nobody answers there.
  return usbmuxError(isForbidden ? 'not-permitted' : 'not-running', { systemCode: code }, error);
}

async function exchangeFrames(channel: ByteChannel, request: PlistDict): Promise<PlistDict> {
  await channel.write(encodeFrame(1, encodeXmlPlist({ ...request, ...CLIENT })));
  const frame = await withTimeout(readFrame(channel), {
    timeoutMs: ANSWER_TIMEOUT_MS,
    waitingFor: 'the USB service',
  });
  if (frame === undefined) throw usbmuxError('frame-cut-short', { expectedBytes: 16, receivedBytes: 0 });
  return asDict(parsePropertyList(frame.payload)) ?? {};
}

function resultOf(answer: PlistDict): number {
  const number = asInteger(answer['Number']);
  return typeof number === 'number' ? number : -1;
}

function requireOk(result: number): void {
  if (result !== RESULT_OK) throw usbmuxError('unknown-answer', { answer: result });
}

function requireConnected(result: number, port: number): void {
  if (result === RESULT_BAD_DEVICE) throw usbmuxError('device-gone');
  if (result === RESULT_REFUSED) throw usbmuxError('port-refused', { port });
  requireOk(result);
}
