import { verifyBackup } from '@rootcellar/backup';
import { joinPath, OperationFailure, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice, pairDevice } from '@rootcellar/operations';
import type { OwnerKind } from '@rootcellar/simulator';
import { describe, expect, test } from 'vitest';
import { armFault, hurriedClock, openStage, pairStage, type Stage } from '../stage.ts';

/** Three minutes for a passcode pass in two seconds. */
const SPEED = 100;

const clock = hurriedClock(SPEED);

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof OperationFailure)) throw error;
    return error.report.code;
  }
}

const backUp = (stage: Stage) => backUpDevice({ ...stage, clock });

async function withOwner(owner: OwnerKind, act: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage({ owner, clock });
  try {
    await act(stage);
  } finally {
    await stage.close();
  }
}

describe('an owner', () => {
  test('who mistypes the passcode gets the backup all the same', () =>
    withOwner('mistypes', async (stage) => {
      await pairStage(stage);
      expect(await codeOf(backUp(stage))).toBe('done');
    }));

  test('who does not type it hears so, and can try again', () =>
    withOwner('forgets', async (stage) => {
      await pairDevice({ usbmux: stage.usbmux, clock });
      expect(await codeOf(backUp(stage))).toBe('mobilebackup2.passcode-not-entered');
      stage.phone.condition.passcode = undefined;
      expect(await codeOf(backUp(stage))).toBe('done');
    }));

  test('who declines trust is not asked for more', () =>
    withOwner('denies', async (stage) => {
      expect(await codeOf(pairDevice({ usbmux: stage.usbmux, clock }))).toBe('lockdown.trust-denied');
    }));

  test('who is not there is waited for, but not for ever', () =>
    withOwner('absent', async (stage) => {
      expect(await codeOf(pairDevice({ usbmux: stage.usbmux, clock }))).toBe('lockdown.trust-pending');
    }));

  test('who cancels on the phone stops the backup, and it can be continued', () =>
    withOwner('present', async (stage) => {
      await pairStage(stage);
      let cancelled = false;
      const ending = codeOf(
        backUpDevice({
          ...stage,
          clock,
          onProgress: ({ phase }) => {
            if (phase !== 'receiving' || cancelled) return;
            cancelled = true;
            stage.phone.notifications.post('com.apple.itunes-client.syncCancelRequest');
          },
        }),
      );
      expect(await ending).toBe('mobilebackup2.cancelled-on-device');
      expect(await codeOf(backUp(stage))).toBe('done');
      const tree = subTree(stage.home, joinPath(ROOT, stage.udid));
      expect((await verifyBackup(tree)).verdict).toBe('whole');
    }));

  test('is asked late by some phones, and that is long enough', () =>
    withOwner('present', async (stage) => {
      armFault(stage, 'late-trust-dialogue:seconds=30');
      expect(await codeOf(pairDevice({ usbmux: stage.usbmux, clock }))).toBe('done');
      expect(stage.phone.faults.list()).toMatchObject([{ struck: 1 }]);
    }));
});
