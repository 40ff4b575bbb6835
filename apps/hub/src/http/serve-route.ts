import { type CheckedInput, isContent, type Route, type RouteAnswer } from '@rootcellar/api';
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { hubError } from '../errors.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import type { ConnectionFacts } from './http-server.ts';

/** What the checks before a route found out. */
export interface HubEnvironment {
  readonly Bindings: ConnectionFacts;
  readonly Variables: { signedIn: SignedIn | undefined };
}

export type HubContext = Context<HubEnvironment>;
export type HubRouter = Hono<HubEnvironment>;

/** Who asks, and the request around it. */
export interface Call extends SignedIn {
  readonly context: HubContext;
}

/** Nobody changes an answer any more. */
type ReadonlyDeep<Value> = Value extends readonly (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> }
    : Value;

type Answer<R extends Route> = R['answer'] extends z.ZodType ? ReadonlyDeep<z.input<R['answer']>> : Response;

/**
 * Serves one route as the API describes it: what comes in is checked, what goes out has the described keys and no more.
 *
 * @throws `hub.not-signed-in`, `hub.request-invalid` in the handler's place
 */
export function serve<R extends Route>(
  router: HubRouter,
  route: R,
  handle: (input: CheckedInput<R>, call: Call) => Promise<Answer<R>> | Answer<R>,
): void {
  serveOpen(router, route, (input, context) => {
    const signedIn = context.get('signedIn');
    if (signedIn === undefined) throw hubError('not-signed-in');
    return handle(input, { ...signedIn, context });
  });
}

/** The same for routes that answer without a session. */
export function serveOpen<R extends Route>(
  router: HubRouter,
  route: R,
  handle: (input: CheckedInput<R>, context: HubContext) => Promise<Answer<R>> | Answer<R>,
): void {
  const path = route.path.replace(/\{(\w+)\}/g, ':$1');
  router.on(route.method.toUpperCase(), path, async (context) => {
    if (!route.isOpen && context.get('signedIn') === undefined) throw hubError('not-signed-in');
    // The answer of a HEAD is thrown away, and with it a file that was opened for it.
    if (isContent(route.answer) && context.req.method === 'HEAD') throw hubError('not-found');
    const input = await readInput(route, context);
    const answer: unknown = await handle(input, context);
    if (isContent(route.answer)) return answer as Response;
    return context.json((route.answer as z.ZodType).parse(answer) as RouteAnswer<R> & object, route.status);
  });
}

async function readInput<R extends Route>(route: R, context: HubContext): Promise<CheckedInput<R>> {
  const params = check(route.params, context.req.param(), 'path');
  const query = check(route.query, context.req.query(), 'query');
  const body = route.body && check(route.body, await readJson(context), 'body');
  return { params, query, body } as CheckedInput<R>;
}

/** Nothing that was sent is repeated: it may be a password. */
function check(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) return undefined;
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const path = checked.error.issues[0]?.path.map(String).join('.') ?? '';
  throw hubError('request-invalid', { where: [place, ...(KEY.test(path) ? [path] : [])].join(': ') });
}

/** Names of our own keys; what somebody else invents stays out of the answer. */
const KEY = /^[a-zA-Z0-9.]{1,80}$/;

async function readJson(context: HubContext): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw hubError('request-invalid', { where: 'body: not JSON' });
  }
}
