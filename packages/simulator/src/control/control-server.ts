import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KnownError } from '@rootcellar/core';
import { phoneFilesError } from '../errors.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import { ACTIONS, type Action } from './control-protocol.ts';
import { CONTENT_BYTES_MAX, Refused, readBody, readJsonObject, requireLocal } from './control-request.ts';
import { armFault, disarmFault, faultKinds } from './fault-actions.ts';
import { act, describePhone, liveAsAsked, summarize } from './owner-actions.ts';
import {
  changeAttributes,
  contentOf,
  describeNode,
  devicePath,
  nodeNamed,
  renameNode,
} from './phone-files.ts';

export interface ControlServer {
  /** `http://127.0.0.1:` and the port. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a handler gets: the phone, and the request around it. */
interface Call {
  readonly phone: SimulatedPhone;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/**
 * Serves the address from which tests and people play the owner of the phones.
 * Loopback only; see `control-protocol.ts` for what can be asked.
 */
export async function startControlServer(phones: readonly SimulatedPhone[]): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(request, response, phones).catch((error) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  phones: readonly SimulatedPhone[],
): Promise<void> {
  requireLocal(request);
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  if (!url) throw noSuchPage();
  const [first, udid, page, ...more] = url.pathname.split('/').slice(1);
  if (url.pathname === '/faults' && request.method === 'GET') return sendJson(response, faultKinds());
  if (first !== 'phones' || more.length > 0) throw noSuchPage();
  if (udid === undefined && request.method === 'GET')
    return sendJson(response, { phones: phones.map(summarize) });
  const phone = phones.find((candidate) => candidate.identity.udid === udid);
  if (!phone) throw new Refused('no-such-phone', 'No simulated phone has this UDID.');
  const handler = HANDLERS[`${request.method} ${page ?? ''}`.trim()] ?? actionHandler(request.method, page);
  if (!handler) throw noSuchPage();
  await handler({ phone, request, response, query: url.searchParams });
}

const HANDLERS: Readonly<Record<string, (call: Call) => Promise<void> | void>> = {
  GET: ({ phone, response }) => sendJson(response, describePhone(phone)),
  'GET files': listFiles,
  'GET file': sendFile,
  'PUT file': putFile,
  'DELETE file': async ({ phone, response, query }) => {
    phone.files.remove(nodeNamed(phone.files, neededPath(query)).path);
    await phone.save();
    sendJson(response, {});
  },
  'GET faults': ({ phone, response }) => sendJson(response, { faults: phone.faults.list() }),
  'POST faults': async ({ phone, request, response }) => {
    armFault(phone, await readJsonObject(request));
    sendJson(response, { faults: phone.faults.list() });
  },
  'DELETE faults': ({ phone, response, query }) => {
    disarmFault(phone, query.get('name'));
    sendJson(response, { faults: phone.faults.list() });
  },
  'POST live': async ({ phone, request, response }) => {
    const lived = await liveAsAsked(phone, await readJsonObject(request));
    await phone.save();
    sendJson(response, lived);
  },
  'POST rename': async ({ phone, request, response }) => {
    renameNode(phone.files, await readJsonObject(request));
    await phone.save();
    sendJson(response, {});
  },
  'POST attributes': async ({ phone, request, response }) => {
    const node = changeAttributes(phone.files, await readJsonObject(request));
    await phone.save();
    sendJson(response, await describeNode(node));
  },
};

/** Everything that can be asked, with `UDID` for the phone; the document has to have all of it. */
export const ROUTES: readonly string[] = [
  'GET /faults',
  'GET /phones',
  ...Object.keys(HANDLERS).map((route) =>
    route.replace(/^(\w+) ?(.*)$/, '$1 /phones/UDID/$2').replace(/\/$/, ''),
  ),
  ...ACTIONS.map((action) => `POST /phones/UDID/${action}`),
];

function actionHandler(method: string | undefined, page: string | undefined) {
  const action = ACTIONS.find((name) => name === page);
  if (method !== 'POST' || action === undefined) return undefined;
  return (call: Call) => handleAction(call, action);
}

async function handleAction({ phone, request, response }: Call, action: Action): Promise<void> {
  await act(phone, action, await readJsonObject(request));
  sendJson(response, describePhone(phone));
}

/** Written piece by piece: a phone has more files than fit in one text. */
async function listFiles({ phone, response, query }: Call): Promise<void> {
  const root = devicePath(query.get('root') ?? '/');
  response.setHeader('Content-Type', 'application/json');
  let separator = '{"files":[\n';
  for (const node of phone.files.walk(root)) {
    await write(response, separator + JSON.stringify(await describeNode(node)));
    separator = ',\n';
  }
  response.end(separator.startsWith('{') ? '{"files":[]}' : '\n]}');
}

async function sendFile({ phone, response, query }: Call): Promise<void> {
  const content = contentOf(nodeNamed(phone.files, neededPath(query)));
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Disposition', 'attachment');
  response.setHeader('Content-Length', content.sizeBytes);
  for await (const piece of content.read()) await write(response, piece);
  response.end();
}

async function putFile({ phone, request, response, query }: Call): Promise<void> {
  const path = devicePath(neededPath(query));
  const there = phone.files.stat(path);
  if (path === '/' || (there && there.kind !== 'file')) {
    throw new Refused('bad-request', 'A folder or a link stands there.');
  }
  const content = await readBody(request, CONTENT_BYTES_MAX);
  const node = phone.files.writeFile(path, content);
  await phone.save();
  sendJson(response, await describeNode(node));
}

function neededPath(query: URLSearchParams): string {
  const path = query.get('path');
  if (path === null) throw new Refused('bad-request', 'path is missing.');
  return path;
}

/** Resolves when the client can take more, or is gone. */
async function write(response: ServerResponse, content: string | Uint8Array): Promise<void> {
  if (response.write(content) || response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

function refuse(response: ServerResponse, error: unknown): void {
  const refused = error instanceof Refused ? error : refusalOf(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of the body is not read: the connection cannot be used again.
  response.setHeader('Connection', 'close');
  sendJson(response, refused.answer, refused.httpStatus);
}

function refusalOf(error: unknown): Refused {
  if (phoneFilesError.matches(error)) return new Refused('bad-request', error.happened);
  return new Refused(
    'failed',
    error instanceof KnownError ? error.happened : 'The simulator could not do this.',
  );
}

function noSuchPage(): Refused {
  return new Refused('no-such-page', 'The control address has no such page.');
}
