import { join } from 'node:path';
import {
  backUpDevice,
  checkPhoneVault,
  deleteKeptSnapshot,
  exportFolder,
  importFolder,
  listKeptSnapshots,
  prunePhoneVault,
  repairPhoneVault,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damageLargestPack, deleteLargestPack, packsIn } from '../damage-largest-pack.ts';
import { notingLists } from '../noting-lists.ts';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

describe('on top of a backup that a check has found damaged', () => {
  let stage: Stage;
  let dataFolder: string;
  let data: string;
  const backUp = () => backUpDevice({ ...stage, target: vaultTarget(dataFolder) });
  const verdictOf = async (what: string) => (await verifyDeviceBackup(what, { dataFolder })).verdict;
  const idsDamaged = async () =>
    (await listKeptSnapshots(dataFolder)).filter(({ damagedAt }) => damagedAt).map(({ id }) => id);

  beforeEach(async () => {
    stage = await openStage();
    dataFolder = stage.dataFolder;
    data = join(dataFolder, 'vaults', stage.udid, 'data');
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
  });
  afterEach(() => stage.close());

  test('a backup of the iPhone is whole, because what was lost is sent again, and heals the damaged one', async () => {
    const { snapshot = '', files } = await backUp();
    await damageLargestPack(data);
    expect(await verdictOf(snapshot)).toBe('damaged');
    liveADay(stage);
    expect((await backUp()).changedFiles).toBeGreaterThan(files / 2);
    expect(await verdictOf('latest')).toBe('whole');
    // What was given up once is not read again, and the next one is built on the whole one.
    const { listed, watch } = notingLists();
    const next = await backUpDevice({ ...stage, target: vaultTarget(dataFolder, { watch }) });
    expect(listed).toContain('snapshots');
    // Once, to see whether packs are gone; a check of the vault would look again.
    expect(listed.filter((name) => name === 'data')).toHaveLength(1);
    expect(next.changedFiles).toBeLessThan(10);
    expect(await verdictOf('latest')).toBe('whole');
  });

  test('a backup goes on from an older one that is whole', async () => {
    const { files } = await backUp();
    const before = await packsIn(data);
    liveADay(stage);
    const { snapshot = '' } = await backUp();
    await damageLargestPack(data, before);
    expect(await verdictOf(snapshot)).toBe('damaged');
    const { changedFiles } = await backUp();
    expect(changedFiles).toBeGreaterThan(0);
    expect(changedFiles).toBeLessThan(files / 2);
    expect(await verdictOf('latest')).toBe('whole');
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({ isWhole: true });
  });

  test('nothing is carried on when only an older backup was found damaged that shares it', async () => {
    const { snapshot: older = '' } = await backUp();
    liveADay(stage);
    await backUp();
    await damageLargestPack(data);
    expect(await verdictOf(older)).toBe('damaged');
    await backUp();
    expect(await verdictOf('latest')).toBe('whole');
  });

  test('damage that is found later is given up as well', async () => {
    const { snapshot = '' } = await backUp();
    await damageLargestPack(data);
    await verdictOf(snapshot);
    // What was given up stays, and is of no more use.
    const before = await packsIn(data);
    const { snapshot: second = '' } = await backUp();
    await damageLargestPack(data, before);
    await checkPhoneVault({ dataFolder, readData: true });
    expect(await idsDamaged()).toContain(second);
    await backUp();
    expect(await verdictOf('latest')).toBe('whole');
  });

  test('a missing pack is let go of like a damaged one', async () => {
    await backUp();
    await deleteLargestPack(data);
    await checkPhoneVault({ dataFolder, readData: false });
    const { files, changedFiles } = await backUp();
    expect(changedFiles).toBeGreaterThan(files / 2);
    expect(await verdictOf('latest')).toBe('whole');
    // The older one may lack what the iPhone has no longer, such as its list of files.
    const { findings } = await checkPhoneVault({ dataFolder, readData: true });
    expect(findings.filter(({ code }) => code !== 'snapshot-damaged')).toEqual([]);
  });

  test('a backup alone deletes no pack, and what only seemed to be damaged comes back by a repair', async () => {
    const { snapshot = '' } = await backUp();
    const before = await packsIn(data);
    await damageLargestPack(data);
    expect(await verdictOf(snapshot)).toBe('damaged');
    await backUp();
    expect(await packsIn(data)).toEqual(expect.arrayContaining([...before]));
    // The same bit once more.
    await damageLargestPack(
      data,
      (await packsIn(data)).filter((path) => !before.includes(path)),
    );
    await repairPhoneVault({ dataFolder });
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({ isWhole: true });
    expect(await verdictOf(snapshot)).toBe('whole-but-old');
    await prunePhoneVault({ dataFolder });
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({ isWhole: true });
  });

  test('an import reads anew what was lost', async () => {
    await backUp();
    const { folder } = await exportFolder({ dataFolder, what: 'latest', to: join(stage.folder, 'out') });
    await deleteKeptSnapshot({ dataFolder, what: 'latest' });
    const take = () => importFolder({ dataFolder, folder });
    await take();
    await damageLargestPack(data);
    expect(await verdictOf('latest')).toBe('damaged');
    await take();
    expect(await verdictOf('latest')).toBe('whole');
    const { filesRead, files } = await take();
    expect(filesRead).toBeLessThan(files / 2);
  });
});
