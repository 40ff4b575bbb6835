import { verifyBackup } from '@rootcellar/backup';
import { joinPath, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import { compareInventories, takeInventory } from '@rootcellar/simulator';
import { describe, expect, test } from 'vitest';
import { eraseAndPair, hurriedClock, liveADay, openStage, pairStage } from '../stage.ts';

const SAME = { missing: [], added: [], changed: [] };

/** Old and new chips, each system once, and devices that are no iPhones. */
const DEVICES = [
  ['iPhone8,1', '12.5.7'],
  ['iPod9,1', '13.7'],
  ['iPhone10,3', '14.8'],
  ['iPad7,11', '15.8'],
  ['iPhone11,8', '16.7.2'],
  ['iPad11,3', '17.6.1'],
  ['iPhone14,6', '18.7'],
  ['iPhone18,4', '26.4.1'],
  ['iPad16,2', '27.0'],
] as const;

describe('every system', () => {
  test.each(DEVICES)('%s with %s is backed up twice, erased and restored', async (model, ios) => {
    const clock = hurriedClock(20);
    const stage = await openStage({ model, ios, clock });
    try {
      await pairStage(stage);
      const first = await backUpDevice({ ...stage, clock });
      liveADay(stage);
      const second = await backUpDevice({ ...stage, clock });
      expect(second.changedFiles).toBeLessThan(first.files / 4);
      expect((await verifyBackup(subTree(stage.home, joinPath(ROOT, stage.udid)))).verdict).toBe('whole');
      const lived = await takeInventory(stage.phone);
      await eraseAndPair(stage);
      await restoreDevice({ ...stage, clock, what: stage.backups, consent: async () => true });
      expect(compareInventories(lived, await takeInventory(stage.phone))).toEqual(SAME);
    } finally {
      await stage.close();
    }
  });
});
