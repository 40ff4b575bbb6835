import { CHANGE_HEADER } from '@rootcellar/api';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { hubError } from '../errors.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { HubContext, HubEnvironment } from './serve-route.ts';

type Guard = MiddlewareHandler<HubEnvironment>;

/** Largest JSON body: a selection of five thousand files. */
const BODY_BYTES_MAX = 512 * 1024;

/** What every answer says to the browser. Downloads and previews say more. */
export const securityHeaders: Guard = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('X-Frame-Options', 'DENY');
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', PAGE_POLICY);
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
};

/** Styles inside the page are what the widgets of the web app need. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A page elsewhere can make a browser send requests here. What changes something must come from our own pages, with a
 * header that no form can send.
 */
export const requireOwnPage: Guard = async (context, next) => {
  const { method } = context.req;
  if (method === 'GET' || method === 'HEAD') return next();
  const origin = context.req.header('origin');
  if (origin !== undefined && !context.env.origins.includes(origin.toLowerCase()))
    throw hubError('foreign-origin');
  if (context.req.header(CHANGE_HEADER) !== '1') throw hubError('header-missing', { header: CHANGE_HEADER });
  return next();
};

/** @throws `hub.request-too-large` */
export const limitBody: Guard = async (context, next) => {
  const { body } = context.req.raw;
  if (body === null || context.req.path.startsWith('/api/simulator/')) return next();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw hubError('request-too-large');
    parts.push(part);
  }
  context.req.raw = new Request(context.req.raw.url, {
    method: context.req.method,
    headers: context.req.raw.headers,
    body: Buffer.concat(parts),
  });
  return next();
};

/** Finds out who asks. */
export function whoAsks(signIn: SignIn): Guard {
  return async (context, next) => {
    context.set('signedIn', await signIn.whoHas(getCookie(context, cookieName(context))));
    return next();
  };
}

/** Cookies do not know ports: two hubs on one computer must not sign each other out. */
export function cookieName(context: HubContext): string {
  return `rootcellar-${context.env.port}`;
}

/** A browser that called us by https, here or at a proxy before us, never sends the cookie without it. */
export function isSecure(context: HubContext): boolean {
  return context.env.origins.every((origin) => origin.startsWith('https:'));
}
