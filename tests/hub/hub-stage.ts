import { apiClient, api as hubApi, type Job, type JobState } from '@rootcellar/api';
import type { Clock } from '@rootcellar/core';
import { type RunningHub, startHub } from '@rootcellar/hub';
import { openStage, type Stage, type StageOptions } from '../stage.ts';

/** A hub with a simulated phone at its cable, and people who visit it over HTTP. */
export interface HubStage extends Stage {
  readonly hub: RunningHub;
  /** Whoever reads the terminal. */
  signInByLink(): Promise<Visitor>;
  /** Somebody with an account of their own. */
  newPerson(name: string): Promise<Visitor>;
  /** Stops the hub and starts it again on the same data. */
  restartHub(): Promise<void>;
}

/** A browser: it keeps its cookie. */
export interface Visitor {
  readonly cookie: string;
  readonly call: ReturnType<typeof apiClient>;
  /** Anything, also what no page of ours would send; a changing call has the header that it needs. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

export const PASSWORD = 'a long password';

export async function openHubStage(
  options: StageOptions & { readonly hubClock?: Clock } = {},
): Promise<HubStage> {
  const { hubClock, ...rest } = options;
  const stage = await openStage(rest);
  const start = () =>
    startHub({
      dataFolder: stage.dataFolder,
      version: '0.0.0-test',
      sources: [{ usbmux: stage.usbmux, isSimulated: true }],
      simulatorControl: stage.simulator.control,
      clock: hubClock,
    });
  let hub = await start();
  let operator: Visitor | undefined;
  const signInByLink = async (): Promise<Visitor> =>
    visitor(hub, cookieOf(await fetch(hub.link(), { redirect: 'manual' })));
  return {
    ...stage,
    get hub() {
      return hub;
    },
    signInByLink,
    async newPerson(name) {
      operator ??= await signInByLink();
      await operator.call(hubApi.session.addPerson, { body: { name, password: PASSWORD } });
      return signInWithPassword(hub, name);
    },
    async restartHub() {
      await hub.close();
      hub = await start();
      operator = undefined;
    },
    async close() {
      await hub.close();
      await stage.close();
    },
  };
}

export async function signInWithPassword(hub: Pick<RunningHub, 'url'>, name: string): Promise<Visitor> {
  const answer = await fetch(`${hub.url}/api/session`, {
    method: 'POST',
    headers: { 'x-rootcellar': '1' },
    body: JSON.stringify({ name, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`${name} cannot sign in: ${answer.status}`);
  return visitor(hub, cookieOf(answer));
}

export function visitor({ url }: Pick<RunningHub, 'url'>, cookie: string): Visitor {
  return {
    cookie,
    call: apiClient(url, { cookie }),
    ask: (path, init = {}) =>
      fetch(url + path, {
        redirect: 'manual',
        ...init,
        headers: { cookie, 'x-rootcellar': '1', ...init.headers },
      }),
  };
}

/** `name=value` of the cookie that an answer sets. */
export function cookieOf(answer: Response): string {
  const [cookie] = answer.headers.getSetCookie();
  return cookie?.split(';')[0] ?? '';
}

const ENDS: readonly JobState[] = ['done', 'failed', 'cancelled', 'interrupted'];

/** Waits until a job has ended, or is in one of these states. */
export async function untilJob(
  { call }: Visitor,
  { id }: Pick<Job, 'id'>,
  states: readonly JobState[] = ENDS,
  timeoutMs = 60_000,
): Promise<Job> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const { job } = await call(hubApi.jobs.readJob, { params: { id } });
    if (states.includes(job.state) || ENDS.includes(job.state)) return job;
    if (Date.now() > until) throw new Error(`Still ${job.state} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Pairs through the hub; whoever asks owns the phone then. */
export async function pairThroughHub(who: Visitor, udid: string): Promise<void> {
  await untilDevice(who, udid);
  const { job } = await who.call(hubApi.devices.pairDevice, { params: { udid } });
  const ended = await untilJob(who, job);
  if (ended.state !== 'done') throw new Error(`Not paired: ${JSON.stringify(ended.error)}`);
}

export async function backUpThroughHub(who: Visitor, udid: string): Promise<Job> {
  const { job } = await who.call(hubApi.devices.backUpDevice, { params: { udid }, body: {} });
  return untilJob(who, job);
}

/** The id of a backup that a job has made. */
export function backupOf({ result, error }: Job): string {
  if (result?.kind !== 'backup' || result.backup === null)
    throw new Error(`No backup: ${JSON.stringify(error)}`);
  return result.backup;
}

/** Until the hub has seen a phone, or what it shows of it is so. */
export async function untilDevice(
  { call }: Visitor,
  udid: string,
  isSo: (device: Awaited<ReturnType<typeof readDevice>>) => boolean = (device) => device.trust !== 'unknown',
  timeoutMs = 20_000,
): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const { devices } = await call(hubApi.devices.listDevices);
    const device = devices.find((one) => one.udid === udid);
    if (device && isSo(device)) return;
    if (Date.now() > until) throw new Error(`The hub shows ${JSON.stringify(device)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function readDevice({ call }: Visitor, udid: string) {
  return (await call(hubApi.devices.readDevice, { params: { udid } })).device;
}
