import { api, type Route } from '@rootcellar/api';
import { maySeeState, requireContent } from '../../devices/ownership.ts';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import { type Call, type HubRouter, serve } from '../serve-route.ts';

/** Of a photo that somebody puts onto the phone. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Hands requests on to the control address of the simulated phones. Of another person's phone, none. */
export function serveSimulator(router: HubRouter, hub: Hub): void {
  const { simulatorControl } = hub;
  if (simulatorControl === undefined) return;
  for (const route of Object.values<Route>(api.simulator)) {
    // The rest of the path, slashes included.
    const whole: Route = { ...route, path: '/api/simulator/:path{.+}' };
    serve(router, whole, async (_, call) => {
      const url = new URL(call.context.req.url);
      const path = url.pathname.slice('/api/simulator'.length);
      requirePhone(hub, path, call);
      const response = await forward(`${simulatorControl}${path}${url.search}`, call);
      const isList = path === '/phones' && route.method === 'get' && response.ok;
      return isList ? onlySeen(hub, response, call) : response;
    });
  }
}

/** @throws `hub.not-found`, `hub.device-of-another` */
function requirePhone(hub: Hub, path: string, { person }: Call): void {
  if (path === '/phones' || path === '/faults') return;
  const udid = /^\/phones\/([0-9A-Za-z-]{1,64})(?:\/[a-z-]+)?$/.exec(path)?.[1];
  if (udid === undefined) throw hubError('not-found');
  const ownerID = hub.registry.ownerOf(udid);
  if (ownerID !== null) requireContent(person, ownerID, () => hubError('not-found'));
}

async function onlySeen(hub: Hub, response: Response, { person, context }: Call): Promise<Response> {
  const { phones } = (await response.json()) as { readonly phones: readonly { readonly udid: string }[] };
  return context.json({
    phones: phones.filter(({ udid }) => maySeeState(person, hub.registry.ownerOf(udid))),
  });
}

async function forward(url: string, { context }: Call): Promise<Response> {
  const { method, raw } = context.req;
  const hasBody = method === 'POST' || method === 'PUT';
  const body = hasBody ? await readBody(raw.body) : undefined;
  const answer = await fetch(url, { method, ...(body && { body }), signal: raw.signal }).catch(
    () => undefined,
  );
  if (answer === undefined) throw hubError('simulator-silent');
  const type = answer.headers.get('content-type') ?? '';
  const isJson = type.startsWith('application/json');
  return new Response(answer.body, {
    status: answer.status,
    headers: isJson
      ? { 'Content-Type': 'application/json' }
      : {
          'Content-Type': 'application/octet-stream',
          'Content-Disposition': 'attachment',
          'Content-Security-Policy': "sandbox; default-src 'none'",
        },
  });
}

async function readBody(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw hubError('request-too-large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
