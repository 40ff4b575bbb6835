import { OperationFailure, type ProgressEvent, Secret, systemClock } from '@rootcellar/core';
import { backUpDevice, changeEncryption, vaultTarget, verifyDeviceBackup } from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

const PASSWORD = 'Gravensteiner im Keller';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await pairStage(stage);
  await setBackupPassword(stage, { new: PASSWORD });
});
afterEach(() => stage.close());

const backUp = (password?: string, onProgress?: (event: ProgressEvent) => void) =>
  backUpDevice({
    ...stage,
    target: vaultTarget(stage.dataFolder, { keep: 'small' }),
    ...(password !== undefined && { password: async () => new Secret(password) }),
    ...(onProgress && { onProgress }),
  });

const failure = async (work: Promise<unknown>) => {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof OperationFailure)) throw outcome;
  return outcome.report;
};

describe('a backup to which a wrong password is given', () => {
  test('is refused before the iPhone is asked for anything, where there is one from before', async () => {
    await backUp(PASSWORD);
    const phases: string[] = [];
    const report = await failure(backUp('wrong', ({ phase }) => phases.push(phase)));
    expect(report).toMatchObject({ code: 'backup.password-wrong', dataState: 'unchanged' });
    expect(report.next).toContain('back up once without giving it');
    expect(new Set(phases)).toEqual(new Set(['preparing']));
    expect(await backUp(PASSWORD)).toMatchObject({ wrongPassword: false, sealed: false, resumed: false });
  });

  test('is kept sealed when there is none from before, and the report says that it was not opened', async () => {
    expect(await backUp('wrong')).toMatchObject({ wrongPassword: true, sealed: true, encrypted: true });
    const password = async () => new Secret(PASSWORD);
    expect(
      await verifyDeviceBackup('latest', { dataFolder: stage.dataFolder, password, deep: true }),
    ).toMatchObject({ verdict: 'whole' });
  });

  test('is not refused after the password was changed from here: the last one had another', async () => {
    await backUp(PASSWORD);
    await changeEncryption({
      ...stage,
      change: 'change',
      clock: {
        now: () => new Date(Date.now() + 5_000),
        sleep: (ms, signal) => systemClock.sleep(ms, signal),
      },
      askPassword: async () => new Secret(PASSWORD),
      askNewPassword: async () => new Secret('second'),
    });
    expect(await backUp('second')).toMatchObject({ wrongPassword: false, sealed: false });
  });

  test('does not matter while backups are not encrypted any more', async () => {
    await backUp(PASSWORD);
    await setBackupPassword(stage, { old: PASSWORD });
    expect(await backUp('wrong')).toMatchObject({ wrongPassword: false, encrypted: false });
  });
});
