import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIPv6 } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { hubError } from '../errors.ts';
import { failureOf } from '../jobs/job-ending.ts';
import { type Caller, callerOf } from './caller.ts';

/** A request that does not arrive in so long is not from a person. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Two hundred pages that listen, and what they ask besides. */
const CONNECTIONS_MAX = 1_000;

/** Downloads in progress get so long when the hub ends. */
const GRACE_MS = 2_000;

export interface HttpServer {
  readonly url: string;
  /** For a browser on this computer. */
  readonly urlHere: string;
  readonly port: number;
  stopListening(): Promise<void>;
  close(): Promise<void>;
}

/** What proves to browsers that this is the hub: PEM, as files have it. */
export interface TlsIdentity {
  /** Its own first, then those that lead to one that browsers know. */
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** What a route may know of the connection besides the request. */
export interface ConnectionFacts extends Caller {
  readonly port: number;
  /** Where pages that ask here must come from: `https://cellar.example`, by the name the request has called us. */
  readonly origins: readonly string[];
}

/**
 * Listens, and turns away what is meant for another host before anything else looks at it: a page elsewhere could give
 * its own name our address.
 *
 * @param options.publicOrigins by which this hub may be called besides loopback and the address a connection came to
 * @throws `hub.port-in-use`, `hub.address-unknown`, `hub.certificate-unusable`
 */
export async function startHttpServer(options: {
  readonly answer: (request: Request, facts: ConnectionFacts) => Response | Promise<Response>;
  readonly port: number;
  readonly address: string;
  readonly tls: TlsIdentity | undefined;
  readonly publicOrigins: readonly string[];
}): Promise<HttpServer> {
  const { answer, address, tls, publicOrigins } = options;
  const scheme = tls ? 'https' : 'http';
  let port = options.port;
  const factsOf = (request: IncomingMessage): ConnectionFacts => {
    const { localAddress } = request.socket;
    const origins = originsOf(request.headers.host, { scheme, port, localAddress, publicOrigins });
    return { ...callerOf(request, publicOrigins.length > 0), port, origins };
  };
  const listen = getRequestListener((request, { incoming }) =>
    answer(request, factsOf(incoming as IncomingMessage)),
  );
  const server = createServerWith(tls, (request, response) => {
    if (factsOf(request).origins.length === 0) return misdirected(response);
    void listen(request, response);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, port, address);
  port = (server.address() as AddressInfo).port;
  const urlHere = `${scheme}://${nameOf(address)}:${port}`;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    port,
    url: publicOrigins[0] ?? urlHere,
    urlHere,
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

/** @throws `hub.certificate-unusable` */
function createServerWith(tls: TlsIdentity | undefined, listener: RequestListener): Server {
  if (tls === undefined) return createServer(listener);
  try {
    const { certificate: cert, key } = tls;
    return createTlsServer(
      { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT_MS },
      listener,
    );
  } catch (error) {
    throw hubError('certificate-unusable', {}, error);
  }
}

/** For a browser on this computer: nobody can go to "all addresses". */
function nameOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return isIPv6(address) ? `[${address}]` : address;
}

/**
 * The origins that a request to this host may come from; none if it is not meant for us. No page elsewhere can be at a
 * name that is an address, so the one that a connection came to is always ours.
 *
 * @param host the header `Host`, with its port unless that is the usual one of the scheme
 */
export function originsOf(
  host: string | undefined,
  hub: {
    readonly scheme: 'http' | 'https';
    readonly port: number;
    readonly localAddress: string | undefined;
    readonly publicOrigins: readonly string[];
  },
): readonly string[] {
  const name = host?.toLowerCase() ?? '';
  const { scheme, port, localAddress = '127.0.0.1', publicOrigins } = hub;
  const plain = localAddress.replace(/^::ffff:/, '');
  const own = ['127.0.0.1', 'localhost', '[::1]', isIPv6(plain) ? `[${plain}]` : plain].flatMap((address) =>
    port === USUAL_PORTS[scheme] ? [address, `${address}:${port}`] : [`${address}:${port}`],
  );
  return [
    ...(own.includes(name) ? [`${scheme}://${name}`] : []),
    ...publicOrigins.filter((origin) => new URL(origin).host === name),
  ];
}

/** Browsers leave them out. */
const USUAL_PORTS = { http: 80, https: 443 };

function misdirected(response: ServerResponse): void {
  response.writeHead(421, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify({ error: failureOf(hubError('foreign-host')) }));
}

function listening(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE' || code === 'EACCES') reject(hubError('port-in-use', { port }, error));
      else reject(hubError('address-unknown', {}, error));
    });
    server.listen(port, address, resolve);
  });
}
