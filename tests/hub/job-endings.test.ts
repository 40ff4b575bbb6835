import { api } from '@rootcellar/api';
import { backUpDevice } from '@rootcellar/operations';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { armFault } from '../stage.ts';
import {
  backUpThroughHub,
  type HubStage,
  openHubStage,
  pairThroughHub,
  untilDevice,
  untilJob,
  type Visitor,
} from './hub-stage.ts';

let stage: HubStage;
let ann: Visitor;
let params: { udid: string };
beforeAll(async () => {
  stage = await openHubStage({ owner: 'absent' });
  ann = await stage.signInByLink();
  params = { udid: stage.udid };
  const paired = pairThroughHub(ann, stage.udid);
  await untilPrompt('trust');
  stage.phone.owner.tapTrust();
  await untilPrompt('passcode');
  stage.phone.owner.enterPasscode('123456');
  await paired;
});
afterAll(() => stage.close());
afterEach(() => stage.phone.presence.setPlugged(true));

const begin = async () => (await ann.call(api.devices.backUpDevice, { params, body: {} })).job;

/** Starts a backup, and enters the passcode when the job says that it waits for it. */
async function beginReceiving() {
  const job = await begin();
  expect((await untilJob(ann, job, ['waiting-for-passcode'])).progress.prompt).toBe('passcode');
  stage.phone.owner.enterPasscode('123456');
  return job;
}

describe('a backup job', () => {
  test('says that it waits for the passcode, and goes on when that is entered', async () => {
    const job = await beginReceiving();
    expect(await untilJob(ann, job)).toMatchObject({ state: 'done', progress: { fraction: 1 } });
  });

  test('of which nobody enters the passcode is cancelled by whoever asked for it', async () => {
    const job = await begin();
    await untilJob(ann, job, ['waiting-for-passcode']);
    const busy = ann.call(api.devices.backUpDevice, { params, body: {} });
    await expect(busy).rejects.toMatchObject({ status: 409, error: { code: 'hub.device-working' } });
    await ann.call(api.jobs.cancelJob, { params: { id: job.id } });
    const ended = await untilJob(ann, job);
    expect(ended).toMatchObject({ state: 'cancelled', error: null, result: null });
    expect(ended.yourData).toMatch(/is intact/);
  });

  test('ends with the four facts when the cable is pulled, and the next one is done', async () => {
    const calm = armFault(stage, 'stall:bytes=500000');
    const job = await beginReceiving();
    await untilJob(ann, job, ['receiving']);
    stage.phone.presence.setPlugged(false);
    calm();
    const ended = await untilJob(ann, job);
    expect(ended).toMatchObject({ state: 'failed', error: { dataState: 'earlier-snapshots-intact' } });
    expect(ended.error?.next).not.toBe('');
    await untilDevice(ann, stage.udid, ({ isConnected }) => !isConnected);
    const absent = ann.call(api.devices.backUpDevice, { params, body: {} });
    await expect(absent).rejects.toMatchObject({ error: { code: 'hub.device-not-connected' } });
    stage.phone.presence.setPlugged(true);
    await untilDevice(ann, stage.udid, ({ trust }) => trust === 'trusted');
    expect(await untilJob(ann, await beginReceiving())).toMatchObject({ state: 'done' });
  });

  test('is refused while the command line works with the phone, and the ledger says so', async () => {
    const stop = new AbortController();
    const other = backUpDevice({ ...stage, signal: stop.signal }).catch(() => {});
    await untilLocked();
    const ended = await backUpThroughHub(ann, stage.udid);
    stop.abort();
    await other;
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'operation.device-busy' } });
    const { entries } = await ann.call(api.ledger.readLedger, { query: { limit: 1 } });
    expect(entries).toMatchObject([{ outcome: 'did-not-happen', reason: 'operation.device-busy' }]);
  });

  test('that runs when the hub is stopped ends as interrupted, and is shown so afterwards', async () => {
    const job = await begin();
    await untilJob(ann, job, ['waiting-for-passcode']);
    await stage.restartHub();
    ann = await stage.signInByLink();
    const ended = await untilJob(ann, job);
    expect(ended).toMatchObject({ state: 'interrupted', yourData: expect.stringMatching(/as it was/) });
    await untilDevice(ann, stage.udid, ({ trust }) => trust === 'trusted');
    expect(await untilJob(ann, await beginReceiving())).toMatchObject({ state: 'done' });
  });
});

async function untilPrompt(kind: 'trust' | 'passcode'): Promise<void> {
  while (stage.phone.owner.current?.kind !== kind) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The command line has its lock once the phone asks for the passcode. */
const untilLocked = () => untilPrompt('passcode');
