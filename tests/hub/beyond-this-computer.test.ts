import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as requestTls } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type HubOptions, type RunningHub, startHub } from '@rootcellar/hub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { runProgram } from '../interop/run-program.ts';
import { type HubDoors, hubDoors } from './hub-doors.ts';
import { type Answer, answerOf, askPlain, signIn, withPassword } from './plain-request.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const PUBLIC = 'https://cellar.example';

let doors: HubDoors;
beforeAll(async () => {
  doors = await hubDoors();
});
afterAll(() => doors.close());

/** A hub without phones: this is about its door. */
const open = (options: Partial<HubOptions>) => doors.open(options);

/** A certificate that nobody but this test believes. */
async function makeIdentity(name: string) {
  const [certificate, key] = [join(doors.folder, `${name}.crt`), join(doors.folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:cellar.example'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  await runProgram('openssl', [...made, ...subject, '-out', certificate, '-keyout', key]);
  return { files: { certificate, key }, certificate: await readFile(certificate), key: await readFile(key) };
}

/** Over https, believing in this certificate. */
function ask(
  { url, ca }: { readonly url: string; readonly ca: Buffer },
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return answerOf((hear) => requestTls(url, { ca, agent: false, ...options }, hear));
}

describe.skipIf(isMissing('openssl'))('a hub with a certificate', () => {
  let hub: RunningHub;
  let ca: Buffer;
  beforeAll(async () => {
    const tls = await makeIdentity('cellar');
    ca = tls.certificate;
    hub = await open({ tls, address: '0.0.0.0' });
  });
  /** `localhost` stands for all addresses; the certificate is for this one. */
  const at = (path: string) => ({ url: `https://127.0.0.1:${new URL(hub.url).port}${path}`, ca });

  test('answers by https alone', async () => {
    expect(hub.url).toMatch(/^https:\/\/localhost:\d+$/);
    expect((await ask(at('/api/session'))).status).toBe(200);
    await expect(fetch(at('/api/session').url.replace('https', 'http'))).rejects.toThrow();
    await expect(fetch(at('/api/session').url)).rejects.toThrow(); // Nobody else believes this certificate.
  });

  test('signs in with a cookie that never travels without it', async () => {
    const { status, cookie } = await ask(at(new URL(hub.link()).pathname));
    expect(status).toBe(303);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict|SameSite=Strict.*HttpOnly/);
  });

  test('takes changes from its own pages, by https', async () => {
    const { port } = new URL(hub.url);
    const change = (origin: string) =>
      ask(at('/api/session'), { method: 'DELETE', headers: { origin, 'x-rootcellar': '1' } });
    expect((await change(`https://127.0.0.1:${port}`)).status).toBe(401);
    expect((await change(`http://127.0.0.1:${port}`)).status).toBe(403);
    expect((await change(PUBLIC)).status).toBe(403);
  });

  test('does not start with the key of another, or with none', async () => {
    const other = await makeIdentity('other');
    for (const key of [other.key, Buffer.from('no key'), Buffer.alloc(0)]) {
      const refused = startHub({
        dataFolder: join(doors.folder, 'refused'),
        version: '0',
        sources: [],
        tls: { certificate: other.certificate, key: key === other.key ? Buffer.from(ca) : key },
      });
      await expect(refused).rejects.toMatchObject({ code: 'hub.certificate-unusable' });
    }
    const crossed = { certificate: ca, key: other.key };
    const refused = startHub({
      dataFolder: join(doors.folder, 'refused'),
      version: '0',
      sources: [],
      tls: crossed,
    });
    await expect(refused).rejects.toMatchObject({ code: 'hub.certificate-unusable' });
  });

  test('is started by the command line', async () => {
    const { files } = await makeIdentity('typed');
    const args = [
      '--tls-cert',
      files.certificate,
      '--tls-key',
      files.key,
      '--public-url',
      PUBLIC,
      '--port',
      '0',
    ];
    const data = join(doors.folder, 'typed');
    const child = spawn(PROGRAM, ['start', '--json', '--no-open', '--data', data, '--host', '::', ...args]);
    const ended = once(child, 'close');
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
    child.kill('SIGINT');
    await ended;
    const ready = JSON.parse(String(line)) as { url: string; link: string };
    expect(ready.url).toBe(PUBLIC);
    expect(ready.link).toMatch(/^https:\/\/localhost:\d+\/sign-in\//);
  });
});

describe('a hub behind a proxy that has the certificate', () => {
  test('knows itself by the name given, and keeps the cookie of that name secure', async () => {
    const hub = await open({ publicUrls: [PUBLIC], port: 0 });
    expect(hub.url).toBe(PUBLIC);
    const here = await askPlain(hub, new URL(hub.link()).pathname, { host: `localhost:${hub.port}` });
    expect(here.cookie).toMatch(/^rootcellar-/);
    expect(here.cookie).not.toMatch(/Secure/);
    const name = await withPassword(hub, here.cookie);
    const there = await signIn(hub, name, { host: 'cellar.example', origin: PUBLIC });
    expect(there.cookie).toMatch(/; Secure/);
  });

  test('slows down who guesses behind it, and nobody else', async () => {
    const hub = await open({ publicUrls: [PUBLIC] });
    const here = await askPlain(hub, new URL(hub.link()).pathname, { host: `localhost:${hub.port}` });
    const name = await withPassword(hub, here.cookie);
    const from = (address: string) => ({
      host: 'cellar.example',
      origin: PUBLIC,
      'x-forwarded-for': address,
    });
    const guesses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      // What the stranger says of itself stands before what the proxy adds.
      const stranger = from(`198.51.100.${tries}, 203.0.113.7`);
      guesses.push((await signIn(hub, `nobody ${tries}`, stranger, 'a wrong guess')).status);
    }
    expect(guesses).toEqual([403, 403, 403, 403, 403, 429]);
    expect((await signIn(hub, name, from('203.0.113.8'))).status).toBe(200);
  });

  test('takes changes from pages at the name by which it was called, and from no other', async () => {
    const hub = await open({ publicUrls: [PUBLIC, 'http://nas.local:8080'] });
    const change = async (host: string, origin: string) =>
      (await askPlain(hub, '/api/session', { host, origin, 'x-rootcellar': '1' }, 'DELETE')).status;
    expect(await change('cellar.example', PUBLIC)).toBe(401);
    expect(await change('nas.local:8080', 'http://nas.local:8080')).toBe(401);
    expect(await change('cellar.example', 'http://cellar.example')).toBe(403);
    expect(await change('nas.local:8080', PUBLIC)).toBe(403);
    expect(await change(`localhost:${hub.port}`, PUBLIC)).toBe(403);
    expect(await change('other.example', 'https://other.example')).toBe(421);
  });
});

describe('a hub for the whole network', () => {
  test.each(['0.0.0.0', '::', '192.168.1.5', 'cellar.example'])(
    'at %s is not started without https or a word that says so',
    async (address) => {
      const refused = startHub({
        dataFolder: join(doors.folder, 'refused'),
        version: '0',
        sources: [],
        address,
      });
      await expect(refused).rejects.toMatchObject({ code: 'hub.tls-needed' });
    },
  );

  test('is with that word, and its address is one of its names', async () => {
    const hub = await open({ address: '0.0.0.0', allowPlainHttp: true });
    expect(hub.url).toMatch(/^http:\/\/localhost:/);
    const { port } = new URL(hub.url);
    expect((await fetch(`http://127.0.0.2:${port}/api/session`)).status).toBe(200);
    const link = new URL(hub.link());
    const signedIn = await fetch(`http://127.0.0.2:${port}${link.pathname}`, { redirect: 'manual' });
    expect(signedIn.headers.getSetCookie()[0]).not.toMatch(/Secure/);
  });

  test('says which address this computer does not have', async () => {
    const refused = startHub({
      dataFolder: join(doors.folder, 'refused'),
      version: '0',
      sources: [],
      address: '192.0.2.1',
      allowPlainHttp: true,
    });
    await expect(refused).rejects.toMatchObject({ code: 'hub.address-unknown' });
  });

  test.each([
    [['--host', '0.0.0.0'], 1, /hub\.tls-needed/],
    [['--tls-cert', '/nowhere'], 2, /belong together/],
    [['--tls-cert', '/nowhere', '--tls-key', '/nowhere'], 1, /hub\.certificate-unusable/],
    [['--public-url', 'https://cellar.example/path'], 2, /https:\/\/cellar\.example/],
    [['--public-url', 'ftp://cellar.example'], 2, /is needed/],
  ])('`start %j` ends with %i', async (args, exitCode, words) => {
    const ended = await runProgram(PROGRAM, [
      'start',
      '--data',
      join(doors.folder, 'cli'),
      '--port',
      '0',
      ...args,
    ]);
    expect(ended.output).toMatch(words);
    expect(ended.exitCode).toBe(exitCode);
  });
});
