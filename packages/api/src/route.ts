import type { z } from 'zod';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** Something that is no JSON: a download, a picture, a stream of events. */
export interface Content {
  readonly contentType: string;
}

/**
 * One thing that can be asked over HTTP. Server, browser and the OpenAPI document are all made from these.
 *
 * @example
 * import { z } from 'zod';
 * const readDevice = defineRoute({
 *   name: 'readDevice',
 *   method: 'get',
 *   path: '/api/devices/{udid}',
 *   summary: 'One device',
 *   params: z.strictObject({ udid: z.string() }),
 *   status: 200,
 *   answer: z.object({ name: z.string() }),
 * });
 */
export interface Route {
  /** A verb and a noun; the `operationId` of the OpenAPI document. */
  readonly name: string;
  readonly method: Method;
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly summary: string;
  /** Strings as they stand in the path. */
  readonly params?: z.ZodType;
  /** Strings as they stand after the `?`. */
  readonly query?: z.ZodType;
  /** JSON of a changing call. */
  readonly body?: z.ZodType;
  /** Of an answer that is no error. */
  readonly status: 200 | 201 | 202;
  readonly answer: z.ZodType | Content;
  /** Answers without a session. */
  readonly isOpen?: boolean;
}

type InputOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a caller gives. Keys of parts that the route does not have may be left out. */
export interface RouteInput<R extends Route> {
  readonly params: InputOf<R['params']>;
  readonly query: InputOf<R['query']>;
  readonly body: InputOf<R['body']>;
}

/** The same after it was checked, with defaults filled in. */
export interface CheckedInput<R extends Route> {
  readonly params: OutputOf<R['params']>;
  readonly query: OutputOf<R['query']>;
  readonly body: OutputOf<R['body']>;
}

export type RouteAnswer<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : undefined;

/** Keeps the exact type of a route. */
export function defineRoute<const R extends Route>(route: R): R {
  return route;
}

export function isContent(answer: Route['answer']): answer is Content {
  return 'contentType' in answer;
}
