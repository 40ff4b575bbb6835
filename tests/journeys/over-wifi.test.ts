import { verifyBackup } from '@rootcellar/backup';
import { OperationFailure } from '@rootcellar/core';
import { backUpDevice, openFinishedBackup, restoreDevice } from '@rootcellar/operations';
import type { Service } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { armFault, hurriedClock, openStage, pairStage, type Stage, type StageOptions } from '../stage.ts';

/** A phone on the network gives up a computer that is silent for 25 seconds; this takes several times as long. */
const SLOW = 'slow-link:bytesPerSecond=100000,service=com.apple.mobilebackup2';

const clock = hurriedClock(50);
let stage: Stage;
beforeAll(async () => {
  stage = await openWifiStage();
});
afterAll(() => stage.close());

async function openWifiStage(options: StageOptions = {}): Promise<Stage> {
  const opened = await openStage({ ...options, clock });
  await pairStage(opened);
  opened.phone.presence.setOnWifi(true);
  opened.phone.presence.setPlugged(false);
  armFault(opened, SLOW);
  return opened;
}

describe('a phone that is reached over Wi-Fi', () => {
  test('is backed up, however long it takes', async () => {
    const beganMs = clock.now().getTime();
    await backUpDevice({ ...stage, clock });
    expect(clock.now().getTime() - beganMs).toBeGreaterThan(60_000);
    const { verdict } = await verifyBackup(await openFinishedBackup(stage.home, stage.udid));
    expect(verdict).toBe('whole');
  });

  test('whose heartbeat breaks once is backed up all the same', async () => {
    armFault(stage, 'disconnect-after-bytes:bytes=400,service=com.apple.mobile.heartbeat');
    await backUpDevice({ ...stage, clock, full: true });
    expect(stage.phone.faults.list().find(({ name }) => name.startsWith('disconnect'))?.struck).toBe(1);
  });

  test('is not restored without its cable', async () => {
    const outcome = await restoreDevice({
      ...stage,
      clock,
      what: stage.backups,
      consent: async () => true,
    }).catch((error: unknown) => error);
    if (!(outcome instanceof OperationFailure)) throw outcome;
    expect(outcome.report.happened).toContain('cable-needed');
  });

  test('whose heartbeat stays away ends the backup, and its owner reads why', async () => {
    const hangsUp: Service = { name: 'com.apple.mobile.heartbeat', serve: async () => {} };
    const mute = await openWifiStage({ services: () => [hangsUp] });
    try {
      const outcome = await backUpDevice({ ...mute, clock }).catch((error: unknown) => error);
      if (!(outcome instanceof OperationFailure)) throw outcome;
      expect(outcome.report).toMatchObject({
        code: 'heartbeat.lost',
        happened: expect.stringContaining('Wi-Fi'),
      });
    } finally {
      await mute.close();
    }
  });
});
