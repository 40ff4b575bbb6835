import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readInfo, readManifestPlist, readStatus, verifyBackup } from '@rootcellar/backup';
import { joinPath, memoryTree, OperationFailure, type ProgressEvent, ROOT, subTree } from '@rootcellar/core';
import { backUpDevice, folderTarget, listDevices } from '@rootcellar/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await pairStage(stage);
});
afterAll(() => stage.close());

const failure = async (work: Promise<unknown>) => {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof OperationFailure)) throw outcome;
  return outcome.report;
};

describe('a backup', () => {
  test('is whole, complete and described by the computer too', async () => {
    const events: ProgressEvent[] = [];
    const report = await backUpDevice({ ...stage, onProgress: (event) => events.push(event) });
    const tree = subTree(stage.home, joinPath(ROOT, stage.udid));
    expect((await verifyBackup(tree)).verdict).toBe('whole');
    expect(await readStatus(tree)).toMatchObject({ snapshotState: 'finished', backupState: 'new' });
    expect((await readManifestPlist(tree)).lockdown).toMatchObject({ uniqueDeviceID: stage.udid });
    const { deviceName, serialNumber, productVersion } = stage.phone.identity;
    const info = await readInfo(tree);
    expect(info).toMatchObject({ deviceName, displayName: deviceName, serialNumber, productVersion });
    expect(info).toMatchObject({ targetIdentifier: stage.udid, uniqueIdentifier: stage.udid.toUpperCase() });
    expect(Object.keys(info.applications ?? {}).sort()).toEqual(
      [...(info.installedApplications ?? [])].sort(),
    );
    for (const app of Object.values(info.applications ?? {})) {
      expect(Object.keys(app ?? {}).sort()).toEqual(['ApplicationSINF', 'PlaceholderIcon', 'iTunesMetadata']);
    }
    expect(report).toMatchObject({ resumed: false, unreadableFiles: 0, withoutApps: false, doubts: 0 });
    const fractions = events.flatMap(({ fraction }) => fraction ?? []);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  test('sends only what has changed', async () => {
    liveADay(stage);
    const { changedFiles, changedBytes, bytes } = await backUpDevice(stage);
    expect(changedFiles).toBeLessThan(20);
    expect(changedBytes).toBeLessThan(bytes / 3);
  });

  test('sends everything again when asked to', async () => {
    const { changedFiles, files } = await backUpDevice({ ...stage, full: true });
    expect(changedFiles).toBeGreaterThan(files);
  });

  test('sends everything again when files of the earlier one are gone, and is whole then', async () => {
    const tree = subTree(stage.home, joinPath(ROOT, stage.udid));
    for await (const folder of tree.list(ROOT)) {
      if (folder.kind === 'folder' && folder.path.startsWith('a')) await tree.remove(folder.path);
    }
    expect((await verifyBackup(tree)).verdict).toBe('damaged');
    await backUpDevice(stage);
    expect((await verifyBackup(tree)).verdict).toBe('whole');
  });
});

/** As a virus scanner does. */
async function loseOneFile({ backups, udid }: Stage): Promise<void> {
  const folder = join(backups, '.rootcellar', udid, 'new');
  const blob = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.name.length === 40,
  );
  if (blob === undefined) throw new Error('No file was received');
  rmSync(join(blob.parentPath, blob.name));
}

describe('a backup that cannot be made', () => {
  test('is refused before the phone is asked when the disk is too small for any', async () => {
    const report = await failure(
      backUpDevice({ ...stage, target: folderTarget(memoryTree({ capacityBytes: 100_000_000 })) }),
    );
    expect(report).toMatchObject({ code: 'operation.disk-too-small', dataState: 'unchanged' });
  });

  test('is refused by the phone when the disk is too small for this one, with the size that is needed', async () => {
    const home = memoryTree({ capacityBytes: 136_000_000 });
    const report = await failure(backUpDevice({ ...stage, target: folderTarget(home) }));
    expect(report.code).toBe('mobilebackup2.computer-full');
    expect(report.details['neededBytes']).toBeGreaterThan(0);
    expect(await Array.fromAsync(home.list(ROOT))).toEqual([]);
  });

  test('says that the phone is not set up, and keeps what was there', async () => {
    stage.phone.condition.setUp = false;
    const report = await failure(backUpDevice(stage));
    stage.phone.condition.setUp = true;
    expect(report).toMatchObject({
      code: 'mobilebackup2.setup-not-finished',
      dataState: 'earlier-snapshots-intact',
      yourData: expect.stringMatching(/^Your backup of .* is intact\./),
    });
  });

  test('is refused when a file is not there in the end, though the phone says that all is well', async () => {
    let answers = 0;
    const lossy = await openStage({
      backupAgent: {
        onMessage: (name) => {
          if (name === 'DLMessageProcessMessage') answers += 1;
          if (answers === 2) void loseOneFile(lossy);
        },
      },
    });
    try {
      await pairStage(lossy);
      const report = await failure(backUpDevice(lossy));
      expect(report).toMatchObject({
        code: 'operation.backup-not-whole',
        dataState: 'earlier-snapshots-intact',
      });
      expect(await lossy.home.stat(joinPath(ROOT, lossy.udid))).toBeUndefined();
    } finally {
      await lossy.close();
    }
  });

  test('is refused while another works with the phone', async () => {
    const outcomes = await Promise.allSettled([backUpDevice(stage), backUpDevice(stage)]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toMatchObject([
      { report: { code: 'operation.device-busy', details: { operation: 'backup' }, dataState: 'unchanged' } },
    ]);
  });

  test('asks which phone is meant when there are two', async () => {
    const two = await openStage({ others: [{ seed: 'second' }] });
    try {
      const names = (await listDevices(two.usbmux)).map(({ name }) => name);
      expect(names).toHaveLength(2);
      const report = await failure(backUpDevice(two));
      expect(report).toMatchObject({ code: 'device.several-connected', details: { count: 2 } });
    } finally {
      await two.close();
    }
  });
});
