import { mkdir } from 'node:fs/promises';
import { backUpDevice, verifyDeviceBackup } from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';
import { isMissing } from './required-program.ts';
import { runProgram } from './run-program.ts';

/** Debian's client sleeps 100 ms in every TLS handshake, and makes some thirty. */
const CLIENT_MS_MAX = 120_000;

describe.skipIf(isMissing('idevicebackup2'))('one folder that two programs back up into in turn', () => {
  let stage: Stage;
  const theirs = async (): Promise<string> => {
    const run = await runProgram('idevicebackup2', ['backup', stage.backups], {
      env: stage.env,
      timeoutMs: CLIENT_MS_MAX,
    });
    if (run.exitCode !== 0) throw new Error(run.output);
    return run.output;
  };
  beforeAll(async () => {
    stage = await openStage();
    await mkdir(stage.backups, { recursive: true });
    await pairStage(stage);
  });
  afterAll(() => stage.close());

  test('is continued by us where they stopped, and by them where we stopped', async () => {
    expect(await theirs()).toContain('Backup Successful');
    liveADay(stage);
    const { files, changedFiles } = await backUpDevice(stage);
    expect(changedFiles).toBeLessThan(files / 4);
    const ours = await verifyDeviceBackup(stage.backups);
    expect(ours).toMatchObject({ verdict: 'whole', findings: [] });
    // What they have received, nobody has hashed when it arrived.
    expect(ours.checkedBy.digest).toBeLessThan(ours.files);

    stage.phone.files.writeFile('/var/mobile/Media/DCIM/100APPLE/IMG_7001.JPG', Buffer.from('new'));
    expect(await theirs()).toContain('Backup Successful');
    expect(await verifyDeviceBackup(stage.backups)).toMatchObject({ verdict: 'whole', findings: [] });
  });
});
