import type { Duplex } from 'node:stream';
import { asData, asInteger, asString, type PlistDict } from '@rootcellar/codecs';
import { type Attachments, attachedMessage } from './attachments.ts';
import { RESULT } from './mux-frame.ts';
import type { PairRecords } from './pair-records.ts';

export interface Mux {
  readonly attachments: Attachments;
  readonly pairRecords: PairRecords;
  /** Who listens at the moment, for `ListListeners`. */
  readonly listeners: Set<Listener>;
}

export interface Listener {
  readonly program: string;
  readonly bundleID: string | undefined;
  readonly libraryVersion: number;
}

/** What to say, and what becomes of the connection: with neither of the two it waits for more. */
export interface MuxAnswer {
  readonly message: PlistDict;
  readonly tunnel?: ((stream: Duplex) => void) | undefined;
  readonly listener?: Listener;
}

/** Source: device-protocols, section 1.4; usbmuxd, `src/client.c`, `handle_command`. */
export async function answerRequest(request: PlistDict, mux: Mux): Promise<MuxAnswer> {
  switch (asString(request['MessageType'])) {
    case 'ListDevices':
      return { message: { DeviceList: mux.attachments.list().map(attachedMessage) } };
    case 'Listen':
      return { message: resultMessage(RESULT.ok), listener: listenerOf(request) };
    case 'Connect':
      return connect(request, mux);
    case 'ReadBUID':
      return { message: { BUID: mux.pairRecords.systemBUID } };
    case 'ReadPairRecord':
      return { message: await readPairRecord(request, mux) };
    case 'SavePairRecord':
      return { message: await savePairRecord(request, mux) };
    case 'DeletePairRecord':
      return { message: await deletePairRecord(request, mux) };
    case 'ListListeners':
      return { message: { ListenerList: [...mux.listeners].map(listenerMessage) } };
    default:
      return { message: resultMessage(RESULT.badCommand) };
  }
}

export function resultMessage(number: number): PlistDict {
  return { MessageType: 'Result', Number: number };
}

/**
 * The port is written with its two bytes swapped: 62078 is 32498.
 * Source: device-protocols, section 1.6; libusbmuxd, `send_connect_packet`.
 */
function connect(request: PlistDict, { attachments }: Mux): MuxAnswer {
  const deviceID = asInteger(request['DeviceID']);
  const attachment = deviceID === undefined ? undefined : attachments.get(Number(deviceID));
  if (attachment === undefined) return { message: resultMessage(RESULT.badDevice) };
  const swapped = asInteger(request['PortNumber']);
  if (swapped === undefined || swapped < 0 || swapped > 0xffff) {
    return { message: resultMessage(RESULT.badCommand) };
  }
  const port = ((Number(swapped) & 0xff) << 8) | (Number(swapped) >> 8);
  const tunnel = attachment.device.accept(port, attachment);
  if (tunnel === undefined) return { message: resultMessage(RESULT.connectionRefused) };
  return { message: resultMessage(RESULT.ok), tunnel };
}

async function readPairRecord(request: PlistDict, { pairRecords }: Mux): Promise<PlistDict> {
  const udid = asString(request['PairRecordID']);
  if (!udid) return resultMessage(RESULT.badRecord);
  const record = await pairRecords.read(udid);
  return record === undefined ? resultMessage(RESULT.noRecord) : { PairRecordData: record };
}

async function savePairRecord(request: PlistDict, { attachments, pairRecords }: Mux): Promise<PlistDict> {
  const udid = asString(request['PairRecordID']);
  const record = asData(request['PairRecordData']);
  if (!udid || !record || !(await pairRecords.save(udid, record))) return resultMessage(RESULT.badRecord);
  const deviceID = asInteger(request['DeviceID']);
  if (deviceID !== undefined) attachments.tellPaired(Number(deviceID));
  return resultMessage(RESULT.ok);
}

async function deletePairRecord(request: PlistDict, { pairRecords }: Mux): Promise<PlistDict> {
  const udid = asString(request['PairRecordID']);
  if (!udid) return resultMessage(RESULT.badRecord);
  return resultMessage((await pairRecords.remove(udid)) ? RESULT.ok : RESULT.noRecord);
}

/** Clients name themselves as they like; more than this of it is not kept. */
const NAME_CHARACTERS_MAX = 256;

function listenerOf(request: PlistDict): Listener {
  return {
    program: (asString(request['ProgName']) ?? 'unknown').slice(0, NAME_CHARACTERS_MAX),
    bundleID: asString(request['BundleID'])?.slice(0, NAME_CHARACTERS_MAX),
    libraryVersion: Number(asInteger(request['kLibUSBMuxVersion']) ?? 0),
  };
}

function listenerMessage({ program, bundleID, libraryVersion }: Listener, index: number): PlistDict {
  return {
    Blacklisted: false,
    BundleID: bundleID,
    ConnType: 0,
    'ID String': `${index}-${program}`,
    ProgName: program,
    kLibUSBMuxVersion: libraryVersion,
  };
}
