import type { z } from 'zod';
import { type ErrorAnswer, errorAnswer } from './error-answer.ts';
import { CHANGE_HEADER } from './openapi.ts';
import { isContent, type Route, type RouteAnswer, type RouteInput } from './route.ts';

/** An answer that was not the one asked for: `error` has the four facts. */
export class ApiError extends Error {
  readonly status: number;
  readonly error: ErrorAnswer['error'];

  constructor(status: number, error: ErrorAnswer['error']) {
    super(error.happened);
    this.name = 'ApiError';
    this.status = status;
    this.error = error;
  }
}

/** Parts that a route does not have, or has no needed keys in, may be left out. */
type Given<R extends Route> = {
  readonly [Key in keyof RouteInput<R> as RouteInput<R>[Key] extends undefined
    ? never
    : Key]: RouteInput<R>[Key];
};
type Arguments<R extends Route> =
  Record<never, never> extends Given<R>
    ? [input?: Given<R>]
    : [input: Omit<Given<R>, OptionalPart<R>> & Partial<Pick<Given<R>, OptionalPart<R> & keyof Given<R>>>];
type OptionalPart<R extends Route> = {
  [Key in keyof RouteInput<R>]: Record<never, never> extends RouteInput<R>[Key] ? Key : never;
}[keyof RouteInput<R>];

/**
 * Asks the hub.
 *
 * @param origin empty in the browser, where the page comes from the hub itself
 * @throws `ApiError`; whatever `fetch` throws if nobody answers
 *
 * @example
 * const call = apiClient();
 * const { devices } = await call(api.devices.listDevices);
 * const begun = await call(api.devices.backUpDevice, { params: { udid: 'U' }, body: { full: true } });
 */
export function apiClient(
  origin = '',
  options: { readonly fetch?: typeof fetch; readonly cookie?: string } = {},
) {
  const ask = options.fetch ?? fetch;
  return async <R extends Route>(route: R, ...[input]: Arguments<R>): Promise<RouteAnswer<R>> => {
    const { body } = (input ?? {}) as { readonly body?: unknown };
    const response = await ask(origin + urlOf(route, input as Partial<RouteInput<R>>), {
      method: route.method.toUpperCase(),
      headers: {
        ...(route.method !== 'get' && { [CHANGE_HEADER]: '1' }),
        ...(route.body && { 'content-type': 'application/json' }),
        ...(options.cookie && { cookie: options.cookie }),
      },
      ...(route.body && { body: JSON.stringify(body ?? {}) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(response.status, failureOf(answer, response.status));
    if (isContent(route.answer)) throw new TypeError(`${route.name} is a download: use urlOf`);
    return (route.answer as z.ZodType).parse(answer) as RouteAnswer<R>;
  };
}

/** Path and query of a route: for links and pictures. */
export function urlOf<R extends Route>(
  route: R,
  input: Partial<Pick<RouteInput<R>, 'params' | 'query'>> = {},
): string {
  const params = (input.params ?? {}) as Record<string, string>;
  const query = Object.entries((input.query ?? {}) as Record<string, unknown>).flatMap(
    ([key, value]): [string, string][] => (value === undefined ? [] : [[key, String(value)]]),
  );
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return query.length === 0 ? path : `${path}?${new URLSearchParams(query)}`;
}

function failureOf(answer: unknown, status: number): ErrorAnswer['error'] {
  const parsed = errorAnswer.safeParse(answer);
  if (parsed.success) return parsed.data.error;
  return {
    code: 'hub.unknown-answer',
    happened: `The hub answered in a way that this page does not understand (${status}).`,
    yourData: 'Nothing is known to have changed.',
    next: 'Load the page again.',
    dataState: 'unchanged',
  };
}
