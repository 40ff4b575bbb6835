import { api } from '@rootcellar/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hurriedClock } from '../stage.ts';
import {
  type HubStage,
  openHubStage,
  pairThroughHub,
  untilDevice,
  untilJob,
  type Visitor,
} from './hub-stage.ts';

const HOUR_MS = 3600 * 1000;

/** A clock that can jump, because nobody waits for tomorrow in a test. */
function jumpingClock() {
  const real = hurriedClock(1);
  let jumpedMs = 0;
  return {
    ...real,
    now: () => new Date(real.now().getTime() + jumpedMs),
    jump: (ms: number) => {
      jumpedMs += ms;
    },
  };
}

let stage: HubStage;
let ann: Visitor;
let params: { udid: string };
const clock = jumpingClock();
beforeAll(async () => {
  stage = await openHubStage({ hubClock: clock });
  ann = await stage.signInByLink();
  params = { udid: stage.udid };
  await pairThroughHub(ann, stage.udid);
});
afterAll(() => stage.close());

async function plugInAgain(): Promise<void> {
  stage.phone.presence.setPlugged(false);
  await untilDevice(ann, stage.udid, ({ isConnected }) => !isConnected);
  stage.phone.presence.setPlugged(true);
  await untilDevice(ann, stage.udid, ({ trust }) => trust === 'trusted' || trust === 'locked');
  await new Promise((resolve) => setTimeout(resolve, 300));
}

const backupJobs = async () =>
  (await ann.call(api.jobs.listJobs, { query: {} })).jobs.filter(({ kind }) => kind === 'backup');

describe('a phone that is plugged in', () => {
  test('is not backed up by itself unless its owner wants that', async () => {
    await plugInAgain();
    expect(await backupJobs()).toEqual([]);
  });

  test('is backed up once a day when its owner wants that, and never because it is plugged in again', async () => {
    const { device } = await ann.call(api.devices.readDevice, { params });
    await ann.call(api.devices.changeSettings, { params, body: { ...device.settings, automatic: true } });
    await plugInAgain();
    const [job] = await backupJobs();
    expect(job?.startedBy).toBe('automatic');
    expect(await untilJob(ann, job ?? { id: '' })).toMatchObject({ state: 'done' });
    await plugInAgain();
    expect(await backupJobs()).toHaveLength(1);
    clock.jump(21 * HOUR_MS);
    await plugInAgain();
    const [second] = await backupJobs();
    expect(second?.id).not.toBe(job?.id);
    await untilJob(ann, second ?? { id: '' });
    const { entries } = await ann.call(api.ledger.readLedger, { query: {} });
    expect(entries.filter(({ by }) => by === 'automatic')).toHaveLength(2);
  });

  test('that does not trust this computer any more is noted, with the reason', async () => {
    clock.jump(21 * HOUR_MS);
    await stage.phone.erase();
    await untilDevice(ann, stage.udid, ({ trust }) => trust === 'not-trusted');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { entries } = await ann.call(api.ledger.readLedger, { query: { limit: 1 } });
    expect(entries).toMatchObject([
      { outcome: 'did-not-happen', reason: 'automatic.not-trusted', by: 'automatic' },
    ]);
  });
});
