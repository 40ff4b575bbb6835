import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { hubError } from '../errors.ts';
import { failureOf } from '../jobs/job-ending.ts';

/** A request that does not arrive in so long is not from a person. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Two hundred pages that listen, and what they ask besides. */
const CONNECTIONS_MAX = 1_000;

/** Downloads in progress get so long when the hub ends. */
const GRACE_MS = 2_000;

export interface HttpServer {
  readonly url: string;
  stopListening(): Promise<void>;
  close(): Promise<void>;
}

/** What a route may know of the connection besides the request. */
export interface ConnectionFacts {
  readonly remoteAddress: string;
  readonly port: number;
}

/**
 * Listens, and turns away what is meant for another host before anything else looks at it: a page elsewhere could give
 * its own name our address.
 *
 * @param options.hosts names with which this hub may be called besides those of loopback
 * @throws `hub.port-in-use`
 */
export async function startHttpServer(options: {
  readonly answer: (request: Request, facts: ConnectionFacts) => Response | Promise<Response>;
  readonly port: number;
  readonly address: string;
  readonly hosts: readonly string[];
}): Promise<HttpServer> {
  const { answer, address } = options;
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  let port = options.port;
  const listen = getRequestListener((request, { incoming }) =>
    answer(request, { remoteAddress: (incoming as IncomingMessage).socket.remoteAddress ?? '', port }),
  );
  const server = createServer((request, response) => {
    if (!isOurs(request.headers.host, port, hosts)) return misdirected(response);
    void listen(request, response);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, port, address);
  port = (server.address() as AddressInfo).port;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    async stopListening() {
      server.close();
      server.closeIdleConnections();
    },
    async close() {
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}

function isOurs(host: string | undefined, port: number, hosts: ReadonlySet<string>): boolean {
  const name = host?.toLowerCase() ?? '';
  return ['127.0.0.1', 'localhost', '[::1]'].some((ours) => name === `${ours}:${port}`) || hosts.has(name);
}

function misdirected(response: ServerResponse): void {
  response.writeHead(421, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify({ error: failureOf(hubError('foreign-host')) }));
}

function listening(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const isTaken = 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
      reject(isTaken ? hubError('port-in-use', { port }, error) : error);
    });
    server.listen(port, address, resolve);
  });
}
