import { request } from 'node:http';
import { connect } from 'node:net';
import { api } from '@rootcellar/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookieOf, type HubStage, openHubStage, PASSWORD, type Visitor } from './hub-stage.ts';

let stage: HubStage;
let ann: Visitor;
let ben: Visitor;
beforeAll(async () => {
  stage = await openHubStage();
  ann = await stage.signInByLink();
  ben = await stage.newPerson('Ben');
});
afterAll(() => stage.close());

/** With headers that `fetch` does not let anybody choose. */
function rawRequest(path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(stage.hub.url);
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

describe('without a session', () => {
  test.each(['/', '/api/openapi.json', '/api/session'])('%s answers', async (path) => {
    expect((await fetch(stage.hub.url + path)).status).toBe(200);
  });

  test.each([
    '/api/devices',
    '/api/jobs',
    '/api/backups',
    '/api/events',
    '/api/ledger',
    '/api/hub',
    '/api/people',
    '/api/no-such-thing',
    '/api/simulator/phones',
    `/api/browse/x/files/${'0'.repeat(40)}/content`,
  ])('%s does not', async (path) => {
    const answer = await fetch(stage.hub.url + path);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      error: { code: 'hub.not-signed-in', dataState: 'unchanged' },
    });
  });

  test('a session cannot be guessed, made up or fixed before', async () => {
    const name = ann.cookie.split('=')[0];
    for (const value of ['', 'x', '../../x', "' OR 1=1", 'A'.repeat(43), 'A'.repeat(10_000)]) {
      const answer = await fetch(`${stage.hub.url}/api/devices`, { headers: { cookie: `${name}=${value}` } });
      expect(answer.status).toBe(401);
    }
    const fixed = `${name}=${'B'.repeat(43)}`;
    const signedIn = await fetch(stage.hub.link(), { redirect: 'manual', headers: { cookie: fixed } });
    expect(cookieOf(signedIn)).not.toBe(fixed);
    expect((await fetch(`${stage.hub.url}/api/devices`, { headers: { cookie: fixed } })).status).toBe(401);
  });
});

describe('a request meant for another host', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example',
    '[::1]',
    'xn--',
  ])('named %j gets 421 before anything else', async (host) => {
    for (const path of ['/', '/api/devices', '/api/openapi.json', '/sign-in/x', '/../..', '/%ff']) {
      const answer = await rawRequest(path, { host, cookie: ann.cookie });
      expect(answer.status).toBe(421);
    }
  });

  test('or for none is none of ours', async () => {
    const { hostname, port } = new URL(stage.hub.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /api/devices HTTP/1.0\r\nCookie: ${ann.cookie}\r\n\r\n`);
    const answer = Buffer.concat(await Array.fromAsync(socket)).toString();
    expect(answer).toMatch(/^HTTP\/1.1 421 /);
  });

  test('localhost with our port is us', async () => {
    const { port } = new URL(stage.hub.url);
    expect((await rawRequest('/api/devices', { host: `LOCALHOST:${port}`, cookie: ann.cookie })).status).toBe(
      200,
    );
  });
});

describe('what changes something', () => {
  test('is refused from a page of another origin, cookie or not', async () => {
    for (const origin of [
      'http://evil.example',
      'null',
      'http://127.0.0.1:1',
      stage.hub.url.replace('http', 'https'),
    ]) {
      const answer = await ann.ask('/api/session', { method: 'DELETE', headers: { origin } });
      expect(answer.status).toBe(403);
    }
    expect((await ann.ask('/api/devices')).status).toBe(200);
  });

  test('is refused without the header that forms cannot send', async () => {
    const headers = { cookie: ann.cookie, 'content-type': 'text/plain' };
    const answer = await fetch(`${stage.hub.url}/api/session`, { method: 'DELETE', headers });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'hub.header-missing' } });
  });

  test('is refused when it is larger than anything that is meant', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(2_000_000), password: 'x' });
    expect((await ann.ask('/api/session', { method: 'POST', body })).status).toBe(413);
  });
});

describe('signing in', () => {
  test('the link works once, and the next one works', async () => {
    const link = stage.hub.link();
    const first = await fetch(link, { redirect: 'manual' });
    expect(first.headers.getSetCookie()[0]).toMatch(/^rootcellar-\d+=.*HttpOnly.*SameSite=Strict/i);
    expect((await fetch(link, { redirect: 'manual' })).headers.getSetCookie()).toEqual([]);
    expect(stage.hub.link()).not.toBe(link);
  });

  test('a session that was signed out is over, also for its stream of events', async () => {
    const who = await stage.signInByLink();
    const stream = await who.ask('/api/events');
    await who.call(api.session.signOut);
    expect((await who.ask('/api/devices')).status).toBe(401);
    expect(await stream.text()).toMatch(/^id: .*\nevent: reset/);
  });

  test('guessing gets slower, for a name that exists as for one that does not', async () => {
    await stage.newPerson('Guessed');
    for (const name of ['guessed', 'nobody-of-that-name']) {
      const statuses: number[] = [];
      for (let tries = 0; tries < 7; tries += 1) {
        const body = JSON.stringify({ name, password: `wrong ${tries}` });
        statuses.push((await ann.ask('/api/session', { method: 'POST', body })).status);
      }
      expect(statuses.slice(-1)).toEqual([429]);
    }
    const body = JSON.stringify({ name: 'Guessed', password: PASSWORD });
    const right = await ann.ask('/api/session', { method: 'POST', body });
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('only the operator makes accounts', async () => {
    const refused = ben.call(api.session.addPerson, { body: { name: 'Dora', password: PASSWORD } });
    await expect(refused).rejects.toMatchObject({ status: 403 });
  });
});

describe('every answer', () => {
  test('tells the browser what it may not do with it', async () => {
    for (const path of ['/', '/api/devices', '/api/nothing']) {
      const { headers } = await ann.ask(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
    }
  });
});
