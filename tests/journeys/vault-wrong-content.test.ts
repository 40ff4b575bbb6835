import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BackupTarget,
  backUpDevice,
  checkPhoneVault,
  forgetInPhoneVault,
  listKeptSnapshots,
  planDeviceRestore,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { damageLargestPack } from '../damage-largest-pack.ts';
import { notingLists } from '../noting-lists.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

test('a backup that is wrong in a whole vault stays called damaged, whatever a check of the vault says', {
  timeout: 120_000,
}, async () => {
  const stage = await openStage();
  try {
    const { dataFolder } = stage;
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    const damaged = async () =>
      (await listKeptSnapshots(dataFolder)).filter(({ damagedAt }) => damagedAt).map(({ id }) => id);
    const { snapshot = '', files } = await backUpDevice({ ...stage, target: alteringBeforeItStores(stage) });
    expect(await damaged()).toEqual([]);
    expect(await verifyDeviceBackup(snapshot, { dataFolder })).toMatchObject({ verdict: 'damaged' });
    expect(await damaged()).toEqual([snapshot]);

    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({
      isWhole: false,
      findings: [{ code: 'snapshot-not-whole', id: snapshot }],
      damagedSnapshots: [],
      mendedSnapshots: [],
    });
    expect(await damaged()).toEqual([snapshot]);
    const plan = await planDeviceRestore({ ...stage, what: snapshot });
    expect(plan.rules.filter(({ effect }) => effect === 'blocks').map(({ code }) => code)).toContain(
      'backup-damaged',
    );

    const { listed, watch } = notingLists();
    // It is no base: everything is sent. And the vault is not read for it.
    const next = await backUpDevice({ ...stage, target: vaultTarget(dataFolder, { watch }) });
    expect(next.changedFiles).toBeGreaterThan(files / 2);
    // Once, to see whether packs are gone; a check of the vault would look again.
    expect(listed.filter((name) => name === 'data')).toHaveLength(1);
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
    expect(await damaged()).toEqual([snapshot]);
    const policy = { last: 1 };
    const { kept } = await forgetInPhoneVault({ dataFolder, policy, dryRun: true });
    const reasons = new Map(kept.map((one) => [one.snapshot.id, one.reasons]));
    expect(reasons.get(snapshot)).toEqual(['damaged']);
    expect(reasons.get(next.snapshot ?? '')).toEqual(['last']);
  } finally {
    await stage.close();
  }
});

test('what is sent again because there is no base is compared with what the vault believed to have', {
  timeout: 120_000,
}, async () => {
  const stage = await openStage();
  try {
    const { dataFolder, udid } = stage;
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    const { snapshot = '' } = await backUpDevice({ ...stage, target: alteringBeforeItStores(stage) });
    await verifyDeviceBackup(snapshot, { dataFolder });
    // Nobody has seen that.
    await damageLargestPack(join(dataFolder, 'vaults', udid, 'data'));
    const backUp = (full: boolean) => backUpDevice({ ...stage, full, target: vaultTarget(dataFolder) });
    await expect(backUp(false)).rejects.toMatchObject({
      report: { code: 'operation.stored-part-damaged' },
    });
    await backUp(true);
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  } finally {
    await stage.close();
  }
});

/** As bad memory does: a bit of a file that has arrived and was found whole is another one in the vault. */
function alteringBeforeItStores({ dataFolder, udid }: Stage): BackupTarget {
  const target = vaultTarget(dataFolder);
  const alterOne = async () => {
    const arrived = join(dataFolder, 'staging', udid, 'new');
    const entries = await readdir(arrived, { recursive: true, withFileTypes: true });
    const file = entries.find((entry) => entry.isFile() && /^[0-9a-f]{40}$/.test(entry.name));
    if (file === undefined) throw new Error('No file has arrived');
    const path = join(file.parentPath, file.name);
    const { atime, mtime } = await stat(path);
    const bytes = await readFile(path);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await utimes(path, atime, mtime);
  };
  return {
    ...target,
    async open(options) {
      const unfinished = await target.open(options);
      const commit: typeof unfinished.commit = async (how) => {
        await alterOne();
        return unfinished.commit(how);
      };
      return { ...unfinished, isCommitted: false, commit };
    },
  };
}
