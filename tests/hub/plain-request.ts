import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { api } from '@rootcellar/api';
import type { RunningHub } from '@rootcellar/hub';
import { expect } from 'vitest';
import { PASSWORD } from './hub-stage.ts';

export interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly body: string;
}

/** Over http, as a proxy hands it on. */
export function askPlain(
  { port }: RunningHub,
  path = '/',
  headers: Record<string, string> = {},
  method = 'GET',
  body?: object,
): Promise<Answer> {
  const sent = body && JSON.stringify(body);
  return answerOf((hear) => request({ port, path, headers, method, agent: false }, hear), sent);
}

/** At this computer, whoever has this cookie gets a password; their name comes back. */
export async function withPassword(hub: RunningHub, cookie: string): Promise<string> {
  const headers = { host: `localhost:${hub.port}`, cookie: cookie.split(';')[0] ?? '', 'x-rootcellar': '1' };
  const set = await askPlain(hub, api.session.changeOwnPassword.path, headers, 'PUT', {
    newPassword: PASSWORD,
  });
  expect(set.status).toBe(200);
  const { person } = JSON.parse((await askPlain(hub, '/api/session', headers)).body);
  return person.name;
}

export function signIn(hub: RunningHub, name: string, headers: Record<string, string>, password = PASSWORD) {
  const sent = { 'x-rootcellar': '1', ...headers };
  return askPlain(hub, '/api/session', sent, 'POST', { name, password });
}

export function answerOf(
  send: (hear: (answer: IncomingMessage) => void) => ClientRequest,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send((answer) => {
      const cookie = answer.headers['set-cookie']?.[0] ?? '';
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, cookie, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}
