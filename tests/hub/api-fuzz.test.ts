import { ROUTES, type Route } from '@rootcellar/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  backUpThroughHub,
  backupOf,
  type HubStage,
  openHubStage,
  pairThroughHub,
  type Visitor,
} from './hub-stage.ts';

/** Longer is a hang. */
const ANSWER_MS_MAX = 20_000;

let stage: HubStage;
let ann: Visitor;
let known: readonly string[];
beforeAll(async () => {
  stage = await openHubStage();
  ann = await stage.signInByLink();
  await pairThroughHub(ann, stage.udid);
  const backup = backupOf(await backUpThroughHub(ann, stage.udid));
  known = [stage.udid, backup, `unfinished-${stage.udid}`, 'latest', '0'.repeat(64)];
});
afterAll(() => stage.close());

/** Signing out would end the fuzzing, and a stream has no end. */
const LEFT_OUT = new Set(['signOut', 'followEvents', 'signIn', 'changeOwnPassword']);

type JsonSchema = { readonly [key: string]: unknown };

/** Values as a schema describes them, or nearly. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constant(2 ** 53),
  );
  return fc.oneof({ arbitrary: likely(schema), weight: 8 }, { arbitrary: junk, weight: 1 });
}

function likely(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, properties, items, required } = schema as {
    type?: string;
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    required?: string[];
  };
  const choices = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (choices) return fc.oneof(...choices.map(likely));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  if (type === 'object') {
    const fields = Object.fromEntries(
      Object.entries(properties ?? {}).map(([key, inner]) => [key, valuesOf(inner)]),
    );
    return fc.record(fields, { requiredKeys: required ?? [] });
  }
  if (type === 'array') return fc.array(valuesOf(items ?? {}), { maxLength: 4 });
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number')
    return fc.oneof(fc.integer(), fc.constantFrom(0, 1, 50, -1, 1e308));
  return text();
}

function text(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...NASTY),
    fc.nat().map((index) => known[index % known.length] ?? ''),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.stringMatching(/^[0-9a-f]{40}$/),
  );
}

const NASTY = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '\0',
  '__proto__',
  "' OR 1=1 --",
  '<img src=x onerror=alert(1)>',
  '\u202egpj.exe',
  'a'.repeat(600),
  '*'.repeat(100),
  '1/2',
  '0/0',
];

const schemaOf = (part: z.ZodType | undefined): JsonSchema =>
  part
    ? (z.toJSONSchema(part, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema)
    : { type: 'object' };

/** References to named schemas are what the fuzzing needs inline. */
function inlined(schema: JsonSchema): JsonSchema {
  const { $defs = {} } = schema as { $defs?: Record<string, JsonSchema> };
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const name = /^#\/\$defs\/(.*)$/.exec(String((value as JsonSchema)['$ref'] ?? ''))?.[1];
    if (name !== undefined) return walk($defs[name]);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(schema) as JsonSchema;
}

interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

function inputsOf(route: Route): fc.Arbitrary<Input> {
  return fc.record({
    params: likely(inlined(schemaOf(route.params))),
    query: likely(inlined(schemaOf(route.query))),
    body: valuesOf(inlined(schemaOf(route.body))),
  });
}

function urlOf(route: Route, { params, query }: Input): string {
  const textOf = (value: unknown) =>
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();
  const named = (params ?? {}) as Record<string, unknown>;
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(named[name])));
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).map(([key, value]) => [
    key,
    textOf(value),
  ]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs as [string, string][])}`;
}

describe('whatever is asked', () => {
  test.each(ROUTES.filter(({ name }) => !LEFT_OUT.has(name)))(
    '$name neither fails by our fault nor hangs',
    async (route) => {
      const property = fc.asyncProperty(inputsOf(route), async (input) => {
        const hasBody = route.method === 'post' || route.method === 'put';
        const answer = await ann.ask(urlOf(route, input), {
          method: route.method.toUpperCase(),
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
          ...(hasBody && { body: JSON.stringify(input.body) ?? '' }),
        });
        const said = await answer.text();
        expect(answer.status, said).toBeLessThan(500);
        if (answer.status >= 400 && !route.path.startsWith('/api/simulator')) {
          const { error } = JSON.parse(said);
          expect(error).toMatchObject({
            code: expect.any(String),
            happened: expect.any(String),
            next: expect.any(String),
          });
        }
      });
      await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
    },
  );

  test('the hub is well afterwards', async () => {
    expect((await ann.ask('/api/devices')).status).toBe(200);
  });
});

const SEED = Number(process.env['FUZZ_SEED'] ?? 20261125);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);
