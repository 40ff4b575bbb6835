import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { asDict, asNumber, encodeXmlPlist, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import type { Simulator } from '../simulate.ts';
import { pairRecordOf, type TestHost } from './pairing.ts';

/** A multiplexer client, written apart from the server: the two share no code. */
export interface MuxClient {
  readonly channel: ByteChannel;
  request(content: PlistDict, tag?: number): Promise<PlistDict>;
  /** The next event or answer. */
  next(): Promise<PlistDict & { readonly tag: number }>;
  close(): void;
}

export async function muxClient(simulator: Simulator): Promise<MuxClient> {
  const socket = connect(Number(simulator.tcp.split(':')[1]), '127.0.0.1');
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const channel = new ByteChannel(socket);
  const next = async () => {
    const header = await channel.readExactly(16);
    const fields = new DataView(header.buffer, header.byteOffset, 16);
    const payload = await channel.readExactly(fields.getUint32(0, true) - 16);
    return { ...asDict(parsePropertyList(payload)), tag: fields.getUint32(12, true) };
  };
  return {
    channel,
    next,
    request: async (content, tag = 7) => {
      await channel.write(muxRequest(encodeXmlPlist(content), tag));
      return next();
    },
    close: () => channel.destroy(),
  };
}

export function muxRequest(payload: Uint8Array, tag = 7, version = 1): Uint8Array {
  const header = new Uint8Array(16);
  const fields = new DataView(header.buffer);
  for (const [index, value] of [16 + payload.length, version, 8, tag].entries()) {
    fields.setUint32(4 * index, value, true);
  }
  return Buffer.concat([header, payload]);
}

/** A stream to a port of the first phone that is attached. @throws if the multiplexer refuses */
export async function connectTo(simulator: Simulator, port: number): Promise<Socket> {
  const client = await muxClient(simulator);
  const { DeviceList } = await client.request({ MessageType: 'ListDevices' });
  const deviceID = asNumber(asDict((DeviceList as readonly PlistDict[])[0])?.['DeviceID']);
  const PortNumber = ((port & 0xff) << 8) | (port >> 8);
  const answer = await client.request({ MessageType: 'Connect', DeviceID: deviceID, PortNumber });
  if (answer['Number'] !== 0) {
    client.close();
    throw new Error(`Connect was answered with ${answer['Number']}`);
  }
  return client.channel.release() as Socket;
}

/** Framed property lists on a stream. */
export interface MessageClient {
  readonly channel: ByteChannel;
  send(content: PlistDict): Promise<void>;
  receive(): Promise<PlistDict>;
  request(content: PlistDict): Promise<PlistDict>;
  close(): void;
}

export function messageClient(stream: Socket | TLSSocket): MessageClient {
  const channel = new ByteChannel(stream);
  const send = async (content: PlistDict) => {
    const message = encodeXmlPlist(content);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    await channel.write(Buffer.concat([length, message]));
  };
  const receive = async () => {
    const length = Buffer.from(await channel.readExactly(4)).readUInt32BE();
    return asDict(parsePropertyList(await channel.readExactly(length))) ?? {};
  };
  return {
    channel,
    send,
    receive,
    request: async (content) => {
      await send(content);
      return receive();
    },
    close: () => channel.destroy(),
  };
}

export async function lockdownClient(simulator: Simulator): Promise<MessageClient> {
  return messageClient(await connectTo(simulator, 62078));
}

/** Pairs, repeating the request while the dialogue is open. */
export async function pairWith(lockdown: MessageClient, host: TestHost): Promise<PlistDict> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await lockdown.request(pairRequest(host));
    if (answer['Error'] !== 'PairingDialogResponsePending') return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The dialogue was never answered');
}

export function pairRequest(host: TestHost): PlistDict {
  return {
    Label: 'test',
    HostName: 'a test',
    PairRecord: pairRecordOf(host),
    PairingOptions: { ExtendedPairingErrors: true },
    ProtocolVersion: '2',
    Request: 'Pair',
  };
}

/** The phone's side checks our certificate only after our handshake is done, so success may still end in a close. */
export function tlsOver(
  stream: Socket,
  host: TestHost,
  certificate = host.hostCertificate,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({
      socket: stream,
      key: host.privateKeyPem,
      cert: Buffer.from(certificate),
      ciphers: 'DEFAULT:@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    tls.once('secureConnect', () => resolve(tls));
    tls.once('error', reject);
  });
}

/** A lockdown connection inside a session. */
export async function openSession(
  simulator: Simulator,
  host: TestHost,
): Promise<{
  readonly session: MessageClient;
  readonly id: string;
  readonly tls: TLSSocket;
  readonly raw: Socket;
}> {
  const plain = await lockdownClient(simulator);
  const answer = await plain.request({
    HostID: host.hostID,
    Request: 'StartSession',
    SystemBUID: host.systemBUID,
  });
  if (answer['Error'] !== undefined) throw new Error(`StartSession was answered with ${answer['Error']}`);
  const raw = plain.channel.release() as Socket;
  const tls = await tlsOver(raw, host);
  return { session: messageClient(tls), id: String(answer['SessionID']), tls, raw };
}

/** A stream to a service, TLS around it. */
export async function openService(
  simulator: Simulator,
  host: TestHost,
  name: string,
  extra: PlistDict = {},
): Promise<TLSSocket> {
  const { session } = await openSession(simulator, host);
  const answer = await session.request({ Request: 'StartService', Service: name, ...extra });
  session.close();
  if (typeof answer['Port'] !== 'number')
    throw new Error(`StartService was answered with ${answer['Error']}`);
  return tlsOver(await connectTo(simulator, answer['Port']), host);
}
