import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import { compareInventories, liveDays, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eraseAndPair, openStage, pairStage, type Stage } from '../stage.ts';

const SAME = { missing: [], added: [], changed: [] };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ profile: 'family' });
  await pairStage(stage);
});
afterAll(() => stage.close());

describe('the phone of a family', () => {
  test('is backed up, used for a week, backed up again, erased and restored', async () => {
    const first = await backUpDevice(stage);
    expect(first.files).toBeGreaterThan(7600);
    expect(first.files).toBeLessThan(8400);
    await liveDays(stage.phone, 7);
    const second = await backUpDevice(stage);
    expect(second.changedFiles).toBeGreaterThan(20);
    expect(second.changedFiles).toBeLessThan(first.files / 20);
    const lived = await takeInventory(stage.phone);
    const apps = stage.phone.apps.map(({ bundleID }) => bundleID);
    await eraseAndPair(stage);
    await restoreDevice({ ...stage, what: stage.backups, consent: async () => true });
    expect(compareInventories(lived, await takeInventory(stage.phone))).toEqual(SAME);
    expect(stage.phone.apps.map(({ bundleID }) => bundleID)).toEqual(apps);
  }, 400_000);
});
