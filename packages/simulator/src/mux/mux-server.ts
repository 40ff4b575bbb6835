import { lstat, rm } from 'node:fs/promises';
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { simulatorError } from '../errors.ts';
import { serveMuxClient } from './mux-conversation.ts';
import type { Mux } from './mux-requests.ts';

/** Our limit, far above what any client opens: a backup makes about twenty, one after another. */
const CONNECTIONS_MAX = 1000;

export interface MuxServerOptions {
  readonly socketPath?: string | undefined;
  readonly tcpPort?: number | undefined;
}

export interface MuxServer {
  /** The unix socket, if one was asked for. */
  readonly socketPath: string | undefined;
  readonly tcpPort: number;
  /** Stops listening, ends every connection and removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves the multiplexer at a unix socket and at a loopback port, like usbmuxd on Linux and the
 * Apple Mobile Device Service on Windows. Several phones stand behind one address.
 *
 * @param options.socketPath absent: TCP only
 * @param options.tcpPort 0 or absent: any free port
 * @throws `simulator.socket-in-use` if somebody listens there already
 */
export function startMuxServer(mux: Mux, options: MuxServerOptions): Promise<MuxServer> {
  return startServer((stream) => serveMuxClient(stream, mux), options);
}

/**
 * As `startMuxServer`, for what only looks like a multiplexer.
 *
 * @param serve holds the conversation on one connection; what it throws ends the connection
 */
export async function startServer(
  serve: (stream: Duplex) => Promise<void>,
  options: MuxServerOptions,
): Promise<MuxServer> {
  const sockets = new Set<Socket>();
  const tcp = listener(serve, sockets);
  const unix = options.socketPath === undefined ? undefined : listener(serve, sockets);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([stop(tcp), unix && stop(unix)]);
  };
  try {
    await start(tcp, { host: '127.0.0.1', port: options.tcpPort ?? 0 });
    if (unix && options.socketPath !== undefined) await startAtPath(unix, options.socketPath);
  } catch (error) {
    await close();
    throw error;
  }
  return { socketPath: options.socketPath, tcpPort: (tcp.address() as AddressInfo).port, close };
}

function listener(serve: (stream: Duplex) => Promise<void>, sockets: Set<Socket>): Server {
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever owns the stream at the moment sees the end; nobody needs the reason.
    socket.on('error', () => {});
    serve(socket).catch(() => socket.destroy());
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

/** A socket file that nobody answers at was left behind by a run that was killed. */
async function startAtPath(server: Server, path: string): Promise<void> {
  try {
    await start(server, { path });
  } catch (error) {
    if (!simulatorError.matches(error, 'socket-in-use') || !(await isDeserted(path))) throw error;
    await rm(path, { force: true });
    await start(server, { path });
  }
}

/** Only ever true for a socket: a file that stands there by mistake is not ours to remove. */
async function isDeserted(path: string): Promise<boolean> {
  return (await lstat(path)).isSocket() && !(await somebodyAnswersAt(path));
}

function somebodyAnswersAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const answer = (isThere: boolean): void => {
      probe.destroy();
      resolve(isThere);
    };
    probe.once('connect', () => answer(true));
    probe.once('error', (error: NodeJS.ErrnoException) => answer(error.code !== 'ECONNREFUSED'));
  });
}

function start(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(error.code === 'EADDRINUSE' ? simulatorError('socket-in-use', {}, error) : error);
    };
    server.once('error', onError);
    server.listen(where, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
