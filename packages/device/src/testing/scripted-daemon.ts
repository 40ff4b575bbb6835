import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  asDict,
  encodeXmlPlist,
  type PlistDict,
  type PlistValue,
  parsePropertyList,
} from '@rootcellar/codecs';
import { ByteChannel } from '@rootcellar/core';
import { encodeFrame, readFrame } from '../usbmux/frame.ts';

/** A usbmux daemon that says what a test wants it to say. */
export interface ScriptedDaemon {
  readonly address: { readonly host: string; readonly port: number };
  readonly connections: number;
  /** Ends every connection; new ones are welcome. */
  hangUp(): void;
  close(): Promise<void>;
}

export interface DaemonConversation {
  readonly request: PlistDict;
  readonly socket: Socket;
  /** @param tag repeated from the request unless given; events have 0 */
  send(message: PlistValue, tag?: number): Promise<void>;
}

/** @param converse called with each request of each connection */
export async function startDaemon(
  converse: (conversation: DaemonConversation) => Promise<void> | void,
): Promise<ScriptedDaemon> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    void serve(socket, converse).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get connections() {
      return sockets.size;
    },
    hangUp,
    close: () => {
      hangUp();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function serve(socket: Socket, converse: Parameters<typeof startDaemon>[0]): Promise<void> {
  const channel = new ByteChannel(socket);
  for (;;) {
    const frame = await readFrame(channel);
    if (frame === undefined) return;
    const request = asDict(parsePropertyList(frame.payload)) ?? {};
    const send = (message: PlistValue, tag = frame.tag) =>
      channel.write(encodeFrame(tag, encodeXmlPlist(message)));
    await converse({ request, socket, send });
  }
}
