import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulate.ts';
import { ROUTES } from './control-server.ts';

/** One example of the document: what is asked, and the answer it shows. */
interface Example {
  readonly heading: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
  /** Absent where the document says “the phone”. */
  readonly answer: string | undefined;
}

const DOCUMENT = join(import.meta.dirname, '../../../../docs/formats/control-api.md');
const text = await readFile(DOCUMENT, 'utf8');
const EXAMPLE =
  /^### (.+)\n[^#]*?```http\n(\w+) (\S+)\n([^`]*)```\n\n(\d+):(?: the phone\.|\n\n```json\n([^`]*)```)/gm;
const examples: readonly Example[] = [...text.matchAll(EXAMPLE)].map(
  ([, heading = '', method = '', path = '', body = '', status, answer]) => ({
    heading,
    method,
    path,
    body: body.trim() || undefined,
    status: Number(status),
    answer,
  }),
);
const thePhone = examples.find(({ heading }) => heading === 'GET /phones/UDID')?.answer ?? '';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ phones: [{ owner: 'absent', profile: 'empty' }] });
});
afterAll(() => simulator.close());

async function ask({ method, path, body }: Example): Promise<{ status: number; answer: string }> {
  const udid = simulator.phones[0]?.identity.udid ?? '';
  const answer = await fetch(simulator.control + path.replace('UDID', udid), {
    method,
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, answer: (await answer.text()).trim() };
}

/** Names and kinds without values: lists by their first element, texts that are no JSON as they are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}

describe('the document of the control address', () => {
  it('has every route once, and no other', () => {
    const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
    expect([...headings].sort()).toEqual([...ROUTES].sort());
    expect(examples.map(({ heading }) => heading)).toEqual(headings);
    for (const { heading, method, path } of examples) expect(`${method} ${path.split('?')[0]}`).toBe(heading);
  });

  it.each(examples)('shows what $method $path answers', async (example) => {
    const { status, answer } = await ask(example);
    expect(status).toBe(example.status);
    expect(shapeOf(JSON.parse(answer))).toEqual(shapeOf(JSON.parse(example.answer ?? thePhone)));
  });
});
