import { KnownError, OperationFailure } from '@rootcellar/core';
import { failureOf } from '../jobs/job-ending.ts';
import type { HubContext } from './serve-route.ts';

/** What is not named here is a conflict with how things are: 409. */
const STATUS = {
  'hub.foreign-origin': 403,
  'hub.header-missing': 403,
  'hub.not-signed-in': 401,
  'hub.link-used': 403,
  'hub.link-elsewhere': 403,
  'hub.sign-in-wrong': 403,
  'hub.too-many-attempts': 429,
  'hub.operator-only': 403,
  'hub.device-of-another': 403,
  'hub.not-found': 404,
  'hub.device-unknown': 404,
  'hub.job-unknown': 404,
  'hub.browse-closed': 404,
  'hub.file-unknown': 404,
  'hub.selection-unknown': 404,
  'library.backup-unknown': 404,
  'hub.request-invalid': 400,
  'backup.pattern-too-long': 400,
  'hub.selection-too-large': 413,
  'hub.request-too-large': 413,
  'hub.not-a-picture': 415,
  'hub.too-many-listeners': 503,
  'hub.simulator-silent': 502,
} as const;

/** The one place where errors become answers. */
export function errorResponse(context: HubContext, error: unknown): Response {
  const isKnown = error instanceof KnownError || error instanceof OperationFailure;
  // Of our own mistakes the terminal hears all, the browser nothing.
  if (!isKnown) console.error(error);
  const failure = failureOf(error);
  const status = isKnown ? (STATUS[failure.code as keyof typeof STATUS] ?? 409) : 500;
  // The rest of it is not read, so nothing else can come over this connection.
  if (failure.code === 'hub.request-too-large') context.header('Connection', 'close');
  const wait = failure.details?.['waitSeconds'];
  if (typeof wait === 'number') context.header('Retry-After', String(wait));
  return context.json({ error: failure }, status);
}
