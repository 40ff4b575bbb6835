import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backUpDevice,
  checkPhoneVault,
  extractBackup,
  listFiles,
  listKeptSnapshots,
  repairPhoneVault,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damageLargestPack } from '../damage-largest-pack.ts';
import { hashesBelow } from '../hashes-below.ts';
import { liveADay, openStage, pairStage, type Stage } from '../stage.ts';

describe('a vault', () => {
  let stage: Stage;
  let dataFolder: string;
  let vault: string;
  /** With checkpoints, whose trees stay in the vault until it is pruned. */
  const backUp = async () => {
    const target = vaultTarget(dataFolder, { checkpointBytes: 40_000 });
    return (await backUpDevice({ ...stage, target })).snapshot ?? '';
  };
  const check = (readData: boolean) => checkPhoneVault({ dataFolder, readData });
  const codesOf = ({ findings }: Awaited<ReturnType<typeof check>>) => [
    ...new Set(findings.map(({ code }) => code)),
  ];
  const idsDamaged = async () =>
    (await listKeptSnapshots(dataFolder)).filter(({ damagedAt }) => damagedAt).map(({ id }) => id);

  beforeEach(async () => {
    stage = await openStage();
    dataFolder = stage.dataFolder;
    vault = join(dataFolder, 'vaults', stage.udid);
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
  });
  afterEach(() => stage.close());

  test('with a backup that was found damaged is not called whole before all of it was read again', async () => {
    const snapshot = await backUp();
    await damageLargestPack(join(vault, 'data'));
    await verifyDeviceBackup(snapshot, { dataFolder });
    const found = await check(false);
    expect(found).toMatchObject({ isWhole: false });
    expect(found.findings).toEqual([{ code: 'snapshot-damaged-before', id: snapshot }]);

    await backUp();
    expect(await check(false)).toMatchObject({ isWhole: false });
    expect(await idsDamaged()).toEqual([snapshot]);
    const read = await check(true);
    expect(read).toMatchObject({ isWhole: true, mendedSnapshots: [snapshot] });
    // A backup deletes no pack, not even a damaged one.
    expect(codesOf(read)).toEqual(['pack-unindexed']);
    expect(await idsDamaged()).toEqual([]);
    expect(await check(false)).toMatchObject({ isWhole: true, mendedSnapshots: [] });
  });

  test('without its index is told from one that is damaged, and is as before when that is made anew', async () => {
    const snapshot = await backUp();
    const packs = (await check(false)).packs;
    for (const name of await readdir(join(vault, 'index'))) await rm(join(vault, 'index', name));
    const found = await check(false);
    expect(found).toMatchObject({ isWhole: false, isIndexIncomplete: true, damagedSnapshots: [snapshot] });
    expect(found.findings.filter(({ code }) => code === 'pack-unindexed')).toHaveLength(packs);
    expect(await repairPhoneVault({ dataFolder })).toMatchObject({ isRepaired: true, packs });
    expect(await idsDamaged()).toEqual([]);
    expect(codesOf(await check(true))).toEqual([]);
  });

  test('that is whole is not touched by a repair', async () => {
    await backUp();
    liveADay(stage);
    await backUp();
    const before = await hashesBelow(vault);
    expect(await repairPhoneVault({ dataFolder, salvage: true })).toMatchObject({
      isRepaired: false,
      salvaged: [],
      recovered: [],
      piecesLost: 0,
    });
    expect(await hashesBelow(vault)).toEqual(before);
  });

  test('of which one record was lost gives back once what that held, and it opens', async () => {
    const lost = await backUp();
    const [record = ''] = await readdir(join(vault, 'snapshots'));
    const before = (await listKeptSnapshots(dataFolder)).find(({ id }) => id === lost);
    liveADay(stage);
    const other = await backUp();
    const { entries } = await listFiles({ dataFolder, what: lost, selection: {} });
    await rm(join(vault, 'snapshots', record));
    const { recovered } = await repairPhoneVault({ dataFolder, salvage: true });
    const [what = ''] = recovered;
    const kept = await listKeptSnapshots(dataFolder);
    expect(kept.map(({ id }) => id)).toEqual([other, what]);
    expect(kept[1]).toMatchObject({ incomplete: true, sizeBytes: before?.sizeBytes });
    expect((before?.takenAt?.getTime() ?? 0) - (kept[1]?.takenAt?.getTime() ?? 0)).toBeLessThan(60_000);
    expect((await listFiles({ dataFolder, what, selection: {} })).entries).toEqual(entries);
    const to = join(stage.folder, 'extracted');
    const selection = { like: '**/IMG_*' };
    expect(await extractBackup({ dataFolder, what, to, selection })).toMatchObject({ unreadable: 0 });
    expect((await readdir(to)).length).toBeGreaterThan(0);
    expect(await repairPhoneVault({ dataFolder, salvage: true })).toMatchObject({ recovered: [] });
  });
});
