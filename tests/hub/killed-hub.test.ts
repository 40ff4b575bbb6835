import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { api } from '@rootcellar/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookieOf, untilDevice, untilJob, type Visitor, visitor } from './hub-stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'program', 'main.js');

interface StartedHub {
  readonly who: Visitor;
  readonly control: string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

const started: StartedHub[] = [];
let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rootcellar-killed-'));
});
afterAll(async () => {
  for (const hub of started) await hub.kill('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

/** `rootcellar start --simulate`, as people type it. */
async function startHubProcess(): Promise<StartedHub> {
  const args = ['start', '--simulate', '--profile', 'tiny', '--port', '0', '--data', data, '--json'];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  const ready = JSON.parse(String(line)) as { url: string; link: string; control: string };
  const cookie = cookieOf(await fetch(ready.link, { redirect: 'manual' }));
  const hub: StartedHub = {
    who: visitor(ready, cookie),
    control: ready.control,
    async kill(signal) {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
  started.push(hub);
  return hub;
}

describe('a hub in a process of its own', () => {
  test('that is killed in the middle of a job tells the truth about it when it starts again', async () => {
    const first = await startHubProcess();
    const phones = (await (await first.who.ask('/api/simulator/phones')).json()) as {
      phones: { udid: string }[];
    };
    const udid = phones.phones[0]?.udid ?? '';
    await pair(first, udid);
    const { job } = await first.who.call(api.devices.backUpDevice, { params: { udid }, body: {} });
    await untilJob(first.who, job, ['waiting-for-passcode']);
    await first.kill('SIGKILL');

    const second = await startHubProcess();
    const { jobs } = await second.who.call(api.jobs.listJobs, { query: { ended: 'no' } });
    expect(jobs).toEqual([]);
    expect(await untilJob(second.who, job)).toMatchObject({ state: 'interrupted', error: null });
    const { entries } = await second.who.call(api.ledger.readLedger, { query: { udid } });
    expect(entries[0]).toMatchObject({ operation: 'backup', outcome: 'interrupted', by: 'hub' });

    await untilDevice(second.who, udid, ({ trust, ownedBy }) => trust === 'trusted' && ownedBy === 'you');
    const again = await second.who.call(api.devices.backUpDevice, { params: { udid }, body: {} });
    await untilJob(second.who, again.job, ['waiting-for-passcode']);
    await tell(second, udid, 'passcode', { code: '123456' });
    expect(await untilJob(second.who, again.job)).toMatchObject({ state: 'done' });
    expect(await second.kill('SIGINT')).toBe(0);
  });
});

async function pair(hub: StartedHub, udid: string): Promise<void> {
  await untilDevice(hub.who, udid);
  const { job } = await hub.who.call(api.devices.pairDevice, { params: { udid } });
  await tell(hub, udid, 'trust');
  await tell(hub, udid, 'passcode', { code: '123456' });
  expect(await untilJob(hub.who, job)).toMatchObject({ state: 'done' });
}

/** Plays the owner through the hub, once the phone asks. */
async function tell(hub: StartedHub, udid: string, action: string, body: object = {}): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await hub.who.ask(`/api/simulator/phones/${udid}/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (answer.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The phone never asked for ${action}`);
}
