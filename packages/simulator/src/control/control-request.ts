import type { IncomingMessage } from 'node:http';
import type { ControlRefusal } from './control-protocol.ts';

type RefusalCode = ControlRefusal['error']['code'];

const HTTP_STATUS: Readonly<Record<RefusalCode, number>> = {
  'not-local': 403,
  'foreign-origin': 403,
  'no-such-page': 404,
  'no-such-phone': 404,
  'no-such-file': 404,
  'no-such-fault': 404,
  'bad-request': 400,
  'too-large': 413,
  'not-asked': 409,
  'wrong-passcode': 409,
  failed: 500,
};

/** A refusal on its way to the client. Thrown inside the control server only. */
export class Refused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }

  get answer(): ControlRefusal {
    return { error: { code: this.code, message: this.message } };
  }
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Only programs of this computer, and no page of a browser: a page elsewhere could otherwise tap Trust, by
 * its own requests (`Origin`) or by giving its name our address (`Host`).
 *
 * @throws `Refused`
 */
export function requireLocal(request: IncomingMessage): void {
  const host = request.headers.host ?? '';
  if (!LOCAL_NAMES.includes(host.replace(/:\d{1,5}$/, '').toLowerCase())) {
    throw new Refused('not-local', 'Use the address that the simulator printed.');
  }
  const origin = request.headers.origin;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    throw new Refused('foreign-origin', 'Pages of other origins may not play the owner.');
  }
}

/** Actions and attributes. Our limit. */
const JSON_BYTES_MAX = 256 * 1024;

/** The content of one file, held in memory. Our limit. */
export const CONTENT_BYTES_MAX = 256 * 1024 * 1024;

/** @throws `Refused` if it is no JSON object; no body counts as an empty one */
export async function readJsonObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(request, JSON_BYTES_MAX);
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new Refused('bad-request', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refused('bad-request', 'The body is not a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** @throws `Refused` above `bytesMax` */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > bytesMax) throw new Refused('too-large', `A body may have ${bytesMax} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

type Kinds = { readonly string: string; readonly number: number; readonly boolean: boolean };

/** @throws `Refused` if the field is there and something else */
export function field<Kind extends keyof Kinds>(
  body: Readonly<Record<string, unknown>>,
  name: string,
  kind: Kind,
): Kinds[Kind] | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== kind || (kind === 'number' && !Number.isSafeInteger(value))) {
    throw new Refused('bad-request', `${name} has to be a ${kind === 'number' ? 'whole number' : kind}.`);
  }
  return value as Kinds[Kind];
}

/** @throws `Refused` if the field is absent or something else */
export function neededText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = field(body, name, 'string');
  if (value === undefined) throw new Refused('bad-request', `${name} is missing.`);
  return value;
}
