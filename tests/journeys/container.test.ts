import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';

/*
 * Nobody builds the image here: there is no registry to take its base from. What can be shown without is that it is made of
 * files that are there, and that what it runs runs.
 */

const REPOSITORY = join(import.meta.dirname, '..', '..');

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Source: Dockerfile reference, "Format": an instruction in capitals, a line that ends in \ goes on. */
function instructionsOf(text: string): readonly Instruction[] {
  return text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
      return { name, rest: rest.trim() };
    });
}

const instructions = instructionsOf(readFileSync(join(REPOSITORY, 'Containerfile'), 'utf8'));
const all = (name: string) => instructions.filter((each) => each.name === name).map(({ rest }) => rest);
const wordsOf = (name: string) =>
  JSON.parse(
    all(name)
      .at(-1)
      ?.replace(/^.*?(?=\[)/, '') ?? '[]',
  ) as string[];

describe('the Containerfile', () => {
  test('consists of instructions', () => {
    const known = [
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'USER',
      'VOLUME',
      'ENV',
      'EXPOSE',
      'ENTRYPOINT',
      'CMD',
      'HEALTHCHECK',
    ];
    expect(instructions.filter(({ name }) => !known.includes(name))).toEqual([]);
    expect(
      all('FROM').every((image) => /^docker\.io\/library\/node:\d+-\w+-slim( AS build)?$/.test(image)),
    ).toBe(true);
  });

  test('copies what is there, and what .dockerignore lets through', () => {
    const copied = all('COPY').filter((rest) => !rest.startsWith('--from='));
    const sources = copied.flatMap((rest) => rest.split(/ +/).slice(0, -1));
    expect(sources).toContain('package-lock.json');
    expect(sources.filter((source) => !existsSync(join(REPOSITORY, source)))).toEqual([]);
    const ignored = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');
    expect(sources.filter((source) => !ignored.includes(`!${source}`))).toEqual([]);
  });

  test('runs nothing as root, and keeps data in a volume', () => {
    expect(all('USER').at(-1)).toBe('node');
    expect(instructions.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      instructions.findLastIndex(({ name }) => name === 'RUN'),
    );
    expect(all('VOLUME')).toEqual(['/data']);
    expect(wordsOf('CMD')).toContain('/data');
  });

  test('builds with tools that the lock brings', () => {
    const tools = [...(all('RUN')[0] ?? '').matchAll(/&& node_modules\/\.bin\/(\w+) /g)].map(
      ([, tool]) => tool ?? '',
    );
    expect(tools).toEqual(['tsc', 'rolldown', 'vite']);
    expect(tools.filter((tool) => !existsSync(join(REPOSITORY, 'node_modules', '.bin', tool)))).toEqual([]);
  });
});

describe.each([
  ['by http', false],
  ['with a certificate', true],
])('what the container runs, %s', (_, hasCertificate) => {
  if (hasCertificate && isMissing('openssl')) return test.skip('is not shown without openssl', () => {});
  let folder: string;
  let child: ChildProcess;
  let port: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rootcellar-container-'));
    const tls = hasCertificate ? await certificateIn(folder) : [];
    const [program = '', ...args] = [...wordsOf('ENTRYPOINT'), ...wordsOf('CMD')].map((word) =>
      word
        .replace(/^\/app\b/, REPOSITORY)
        .replace(/^\/data$/, folder)
        .replace(/^4610$/, '0'),
    );
    child = spawn(program, [...args, ...tls, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
    const { url } = JSON.parse(String(line)) as { url: string };
    expect(url).toMatch(hasCertificate ? /^https:/ : /^http:/);
    port = new URL(url).port;
  });
  afterAll(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
    await rm(folder, { recursive: true, force: true });
  });

  const health = () => {
    const [, ...args] = wordsOf('HEALTHCHECK').map((word) => word.replace(':4610', `:${port}`));
    return runProgram(process.execPath, args);
  };

  test('starts, and is found well', async () => {
    expect(await health()).toMatchObject({ exitCode: 0, output: '' });
  });

  test('ends when it is told to, and is found ill', async () => {
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(0);
    expect((await health()).exitCode).toBe(1);
  });
});

/** The options that `docs/guide/always-on.md` names, for a certificate that nobody believes. */
async function certificateIn(folder: string): Promise<readonly string[]> {
  const [certificate, key] = [join(folder, 'cellar.crt'), join(folder, 'cellar.key')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await runProgram('openssl', [...made, '-subj', '/CN=cellar', '-out', certificate, '-keyout', key]);
  return ['--tls-cert', certificate, '--tls-key', key];
}
