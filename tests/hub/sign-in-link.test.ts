import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { HubOptions, RunningHub } from '@rootcellar/hub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubDoors, hubDoors } from './hub-doors.ts';
import { askPlain, withPassword } from './plain-request.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'rootcellar');
const PUBLIC = 'https://cellar.example';

let doors: HubDoors;
beforeAll(async () => {
  doors = await hubDoors();
});
afterAll(() => doors.close());

/** A hub without phones: this is about its door. */
const open = (options: Partial<HubOptions>) => doors.open(options);

const link = (hub: RunningHub) => new URL(hub.link()).pathname;
const here = (hub: RunningHub) => ({ host: `localhost:${hub.port}` });

describe('the link that signs in once', () => {
  test('works at this computer alone: not by another name, nor through a proxy', async () => {
    const hub = await open({ publicUrls: [PUBLIC] });
    expect(new URL(hub.link()).hostname).toBe('127.0.0.1');
    expect((await askPlain(hub, link(hub), { host: 'cellar.example' })).cookie).toBe('');
    const forwarded = { ...here(hub), 'x-forwarded-for': '127.0.0.1' };
    expect((await askPlain(hub, link(hub), forwarded)).cookie).toBe('');
    expect((await askPlain(hub, link(hub), here(hub))).cookie).not.toBe('');
  });

  test('says on the page that it was used already', async () => {
    const hub = await open({});
    const used = link(hub);
    const arriveAt = async () =>
      (await fetch(`http://127.0.0.1:${hub.port}${used}`, { redirect: 'manual' })).headers.get('location');
    expect(await arriveAt()).toBe('/');
    expect(await arriveAt()).toBe('/?link=used');
  });

  test('a program gets the same refusal, whether the code is right or wrong', async () => {
    const hub = await open({ publicUrls: [PUBLIC] });
    const sent = { host: 'cellar.example', origin: PUBLIC, 'x-rootcellar': '1' };
    for (const code of [link(hub).replace('/sign-in/', ''), 'x'.repeat(43)]) {
      const answer = await askPlain(hub, '/api/session', sent, 'POST', { code });
      expect(answer).toMatchObject({ status: 403, cookie: '' });
      expect(answer.body).toContain('hub.link-elsewhere');
    }
  });

  test('works elsewhere with a word that says so, until somebody has a password', async () => {
    const hub = await open({ publicUrls: [PUBLIC], firstSignInAnywhere: true });
    expect(hub.link()).toMatch(/^https:\/\/cellar\.example\/sign-in\//);
    const first = await askPlain(hub, link(hub), { host: 'cellar.example' });
    expect(first.cookie).toMatch(/; Secure/);
    expect((await askPlain(hub, link(hub), { host: 'cellar.example' })).cookie).not.toBe('');
    await withPassword(hub, (await askPlain(hub, link(hub), here(hub))).cookie);
    expect((await askPlain(hub, link(hub), { host: 'cellar.example' })).cookie).toBe('');
    expect((await askPlain(hub, link(hub), here(hub))).cookie).not.toBe('');
  });

  const away = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  test.skipIf(away === undefined)('does not work from an address of the network', async () => {
    const hub = await open({ address: '0.0.0.0', allowPlainHttp: true });
    const url = `http://${away}:${hub.port}${link(hub)}`;
    expect((await fetch(url, { redirect: 'manual' })).headers.getSetCookie()).toEqual([]);
    expect((await askPlain(hub, link(hub), here(hub))).cookie).not.toBe('');
  });

  test('is in a file for its owner alone, and in no log', async () => {
    const data = join(doors.folder, 'logged');
    const child = spawn(PROGRAM, ['start', '--no-open', '--port', '0', '--data', data]);
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    const ended = once(child, 'close');
    const file = join(data, 'sign-in-link');
    try {
      await expect.poll(() => log, { timeout: 20_000 }).toContain('Ctrl-C');
      expect(log).toContain(file);
      const first = await readFile(file, 'utf8');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await fetch(first.trim(), { redirect: 'manual' })).headers.getSetCookie()).toHaveLength(1);
      await expect.poll(() => readFile(file, 'utf8')).not.toBe(first);
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
    expect(log).not.toContain('/sign-in/');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
