import { type DataState, OperationFailure } from '@rootcellar/core';
import { backUpDevice, restoreDevice } from '@rootcellar/operations';
import { compareInventories, type Inventory, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { armFault, eraseAndPair, hurriedClock, openStage, pairStage, type Stage } from '../stage.ts';

interface Case {
  readonly fault: string;
  /** A code, or `done`. */
  readonly ends: string;
  readonly dataState?: DataState;
}

const CASES: readonly Case[] = [
  { fault: 'disconnect-after-bytes:bytes=60000', ends: 'device-link.ended' },
  { fault: 'disconnect-after-messages:messages=5', ends: 'device-link.ended' },
  { fault: 'reboot-midway', ends: 'device-link.ended' },
  { fault: 'no-room', ends: 'mobilebackup2.device-full', dataState: 'unchanged' },
  { fault: 'empty-download-list', ends: 'done' },
  { fault: 'empty-download-list:at=end', ends: 'done' },
  { fault: 'silence-before-first-message', ends: 'done' },
  { fault: 'slow-link:bytesPerSecond=4000000', ends: 'done' },
  { fault: 'jitter', ends: 'done' },
  { fault: 'screen-locks', ends: 'done' },
  { fault: 'error-code:code=211,at=begin', ends: 'mobilebackup2.find-my-on', dataState: 'unchanged' },
  {
    fault: 'error-code:code=207,text=2,at=begin',
    ends: 'mobilebackup2.wrong-password',
    dataState: 'unchanged',
  },
  { fault: 'error-code:code=205,text=5,at=midway', ends: 'mobilebackup2.backup-incomplete' },
  { fault: 'error-code:code=2,at=midway', ends: 'mobilebackup2.file-not-found' },
  { fault: 'error-code:code=102,at=end', ends: 'mobilebackup2.restart-first' },
];

const SAME = { missing: [], added: [], changed: [] };

const clock = hurriedClock(20);
let stage: Stage;
let original: Inventory;
beforeAll(async () => {
  stage = await openStage({ clock });
  await pairStage(stage);
  await backUpDevice({ ...stage, clock });
  original = await takeInventory(stage.phone);
  await eraseAndPair(stage);
});
afterAll(() => stage.close());

async function restore(): Promise<{ readonly ending: string; readonly dataState?: DataState }> {
  try {
    await restoreDevice({ ...stage, clock, what: stage.backups, consent: async () => true });
    return { ending: 'done' };
  } catch (error) {
    if (!(error instanceof OperationFailure)) throw error;
    return { ending: error.report.code, dataState: error.report.dataState };
  }
}

describe('a restore onto a phone with a fault', () => {
  test.each(CASES)('$fault ends with $ends, and brings everything back in the end', async (each) => {
    const { fault, ends, dataState = 'device-half-changed' } = each;
    const disarm = armFault(stage, fault);
    try {
      const outcome = await restore();
      expect(outcome).toEqual(ends === 'done' ? { ending: ends } : { ending: ends, dataState });
      expect(stage.phone.faults.list()[0]?.struck).toBeGreaterThan(0);
    } finally {
      disarm();
      await expect.poll(() => stage.phone.presence.connections.length, { timeout: 10_000 }).toBe(1);
      stage.phone.unlock();
    }
    if (ends !== 'done') expect(await restore()).toEqual({ ending: 'done' });
    expect(compareInventories(original, await takeInventory(stage.phone))).toEqual(SAME);
    await eraseAndPair(stage);
  });
});
