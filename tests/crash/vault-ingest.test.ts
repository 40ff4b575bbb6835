import { Secret } from '@rootcellar/core';
import {
  type BackupTarget,
  backUpDevice,
  type Kept,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

const PASSWORD = 'Æpfel im Keller 🍎';
const password = async () => new Secret(PASSWORD);

/** So that there is one after every few files. */
const CHECKPOINT_BYTES = 40_000;

class Killed extends Error {}

/** Like a process that dies when so many files were stored: what is in memory is lost, and nothing is tidied. */
function dyingAfter(target: BackupTarget, files: number): BackupTarget {
  const watch = (onProgress: (sofar: { files: number; bytes: number }) => void) => {
    let stored = 0;
    return (sofar: { files: number; bytes: number }) => {
      stored += 1;
      if (stored > files) throw new Killed();
      onProgress(sofar);
    };
  };
  return {
    ...target,
    complete: (udid, options) => target.complete(udid, { ...options, onProgress: watch(options.onProgress) }),
    async open(options) {
      const unfinished = await target.open(options);
      return {
        ...unfinished,
        get isCommitted() {
          return unfinished.isCommitted;
        },
        commit: (options) => unfinished.commit({ ...options, onProgress: watch(options.onProgress) }),
      };
    },
  };
}

describe.each<[encrypted: boolean, keep: Kept]>([
  [false, 'sealed'],
  [true, 'small'],
])('a whole backup (encrypted: %s, kept %s) whose storing is cut off several times', (encrypted, keep) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    if (encrypted) await setBackupPassword(stage, { new: PASSWORD });
  });
  afterAll(() => stage.close());

  test.each(['a first one', 'one that builds on it'])(
    '%s is in the vault in the end, every bit of it',
    async () => {
      const target = vaultTarget(stage.dataFolder, { keep, checkpointBytes: CHECKPOINT_BYTES });
      // Later ones get less far than those before, so that no run has everything.
      for (const files of [120, 60, 90, 20]) {
        const died = backUpDevice({ ...stage, target: dyingAfter(target, files), password });
        await expect(died).rejects.toBeInstanceOf(Killed);
      }
      const { snapshot } = await backUpDevice({ ...stage, target, password });
      expect(snapshot).toBeDefined();
      const checked = await verifyDeviceBackup('latest', { dataFolder: stage.dataFolder, password });
      expect(checked).toMatchObject({ verdict: 'whole', findings: [] });
      expect(checked.checkedBy.digest).toBe(checked.files);
      liveADay(stage);
    },
  );
});
