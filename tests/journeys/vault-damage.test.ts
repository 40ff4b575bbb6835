import { readdirSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, faultyTree, folderTree, OperationFailure, systemClock } from '@rootcellar/core';
import {
  type BackupSource,
  type BackupTarget,
  backUpDevice,
  checkPhoneVault,
  deleteKeptSnapshot,
  exportFolder,
  extractBackup,
  listKeptSnapshots,
  pairDevice,
  planDeviceRestore,
  prunePhoneVault,
  repairPhoneVault,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { storageError } from '@rootcellar/vault';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damageLargestPack, deleteLargestPack } from '../damage-largest-pack.ts';
import { armFault, liveADay, openStage, pairStage, type Stage } from '../stage.ts';

describe('a vault', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({ others: [{ seed: 'other' }] });
    await pairDevice({ usbmux: stage.usbmux, device: stage.udid });
  });
  afterEach(() => stage.close());

  const device = () => ({ ...stage, device: stage.udid });
  const backUpFirst = () => backUpDevice({ ...device(), target: vaultTarget(stage.dataFolder) });

  test('with a damaged pack gives all but what lay there, and says what is lost', async () => {
    const { snapshot } = await backUpFirst();
    const { dataFolder } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({
      isWhole: false,
      damagedSnapshots: [snapshot],
    });
    const { salvaged, recovered, piecesLost } = await repairPhoneVault({ dataFolder, salvage: true });
    expect(piecesLost).toBeGreaterThan(0);
    expect(salvaged).toMatchObject([{ of: snapshot, lostFiles: expect.any(Number) }]);
    expect(recovered).toEqual([]);
    const [saved] = salvaged;
    expect(saved?.files).toBeGreaterThan(saved?.lostFiles ?? Infinity);
    const kept = await listKeptSnapshots(dataFolder);
    expect(kept.find(({ incomplete }) => incomplete)).toMatchObject({ id: saved?.snapshot, archived: true });
    // Nothing is found twice.
    expect(await repairPhoneVault({ dataFolder, salvage: true })).toMatchObject({ salvaged: [] });

    const what = saved?.snapshot ?? '';
    const { files } = await exportFolder({ dataFolder, what, to: join(stage.folder, 'exported') });
    // The list of hashes lies beside the folder.
    expect(files).toBe((saved?.files ?? 0) - 1);
    const extracted = await extractBackup({
      dataFolder,
      what,
      selection: {},
      to: join(stage.folder, 'extracted'),
    });
    expect(extracted.files).toBeGreaterThan(0);
    const plan = await planDeviceRestore({ ...device(), what });
    expect(plan.rules.filter(({ effect }) => effect === 'blocks').map(({ code }) => code)).toContain(
      'backup-damaged',
    );
  });

  test('with a damaged pack does not restore it, whether a check has found that before or not', async () => {
    const { snapshot: what = '' } = await backUpFirst();
    const { dataFolder } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    const blocks = async () =>
      (await planDeviceRestore({ ...device(), what })).rules
        .filter(({ effect }) => effect === 'blocks')
        .map(({ code }) => code);
    expect(await blocks()).toContain('backup-damaged');
    await checkPhoneVault({ dataFolder, readData: true });
    expect(await blocks()).toContain('backup-damaged');
  });

  test('with a damaged pack is healed by a full backup, if the phone still has what was lost', async () => {
    const { snapshot } = await backUpFirst();
    const { dataFolder } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    await repairPhoneVault({ dataFolder, salvage: true });
    const damaged = await checkPhoneVault({ dataFolder, readData: true });
    // The backup is damaged still, the place where it lies no longer.
    expect(damaged.findings).toEqual([{ code: 'snapshot-damaged', id: snapshot }]);
    await backUpDevice({ ...device(), target: vaultTarget(dataFolder), full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({
      isWhole: true,
      damagedSnapshots: [],
    });
    await prunePhoneVault({ dataFolder });
    expect(await verifyDeviceBackup(snapshot ?? '', { dataFolder })).toMatchObject({
      verdict: 'whole-but-old',
    });
  });

  test('with a damaged pack is healed by a full backup alone, once a check has found the damage', async () => {
    const { snapshot = '' } = await backUpFirst();
    const { dataFolder } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    expect(await verifyDeviceBackup(snapshot, { dataFolder })).toMatchObject({ verdict: 'damaged' });
    const [found] = await listKeptSnapshots(dataFolder);
    expect(found).toMatchObject({ id: snapshot, damagedAt: expect.any(Date), verifiedAt: undefined });
    await backUpDevice({ ...device(), target: vaultTarget(dataFolder), full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
    // It is called damaged until somebody looks again.
    const damaged = async () =>
      (await listKeptSnapshots(dataFolder)).filter(({ damagedAt }) => damagedAt).map(({ id }) => id);
    expect(await damaged()).toEqual([snapshot]);
    expect(await verifyDeviceBackup(snapshot, { dataFolder })).toMatchObject({ verdict: 'whole-but-old' });
    expect(await damaged()).toEqual([]);
  });

  test('with a damaged pack is healed without what was deleted, and tells how much was read', async () => {
    const { snapshot: deleted = '' } = await backUpFirst();
    liveADay(stage);
    const { snapshot = '' } = await backUpFirst();
    const { dataFolder } = stage;
    await deleteKeptSnapshot({ dataFolder, what: deleted });
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    expect(await verifyDeviceBackup(snapshot, { dataFolder })).toMatchObject({ verdict: 'damaged' });
    const before = new Set<number | undefined>();
    await backUpDevice({
      ...device(),
      target: vaultTarget(dataFolder),
      full: true,
      onProgress: ({ phase, bytes }) => phase === 'preparing' && before.add(bytes),
    });
    expect(Math.max(...[...before].map((bytes) => bytes ?? 0))).toBeGreaterThan(100_000);
    // The damaged one and the new one.
    const kept = await listKeptSnapshots(dataFolder);
    expect(kept.map(({ incomplete }) => incomplete)).toEqual([false, false]);
  });

  test('of which a part cannot be reached is not called damaged', async () => {
    const { snapshot = '' } = await backUpFirst();
    const { dataFolder, udid } = stage;
    const to = join(stage.folder, 'exported');
    await exportFolder({ dataFolder, what: snapshot, to });
    const tree = faultyTree(folderTree(join(to, udid)), ({ kind, path }) => {
      if (kind === 'read' && /^[0-9a-f]{2}\//.test(path)) throw storageError('not-reached');
    });
    const source: BackupSource = {
      tree,
      snapshot,
      folder: to,
      diskFolder: undefined,
      received: undefined,
      hold: (work) => work(),
    };
    const what = { lockName: async () => udid, open: async () => source };
    await expect(verifyDeviceBackup(what, { dataFolder, deep: true })).rejects.toMatchObject({
      report: { code: 'storage.not-reached', dataState: 'unchanged' },
    });
    expect((await listKeptSnapshots(dataFolder))[0]).toMatchObject({ id: snapshot, damagedAt: undefined });
  });

  test('with a damaged pack of a backup that waits to be stored is healed when everything is sent again', async () => {
    const { dataFolder } = stage;
    const data = join(dataFolder, 'vaults', stage.udid, 'data');
    stage.phone.condition.passcode = undefined;
    const target = vaultTarget(dataFolder, { checkpointBytes: 40_000 });
    await expect(backUpDevice({ ...device(), target: dyingWhileStoring(target, 120) })).rejects.toThrow(
      'Died',
    );
    await damageLargestPack(data);
    const again = backUpDevice({ ...device(), target });
    await expect(again).rejects.toMatchObject({ report: { code: 'operation.stored-part-damaged' } });
    await backUpDevice({ ...device(), target, full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  });

  test('without a pack of a backup that waits to be stored is healed when everything is sent again', async () => {
    const { dataFolder } = stage;
    stage.phone.condition.passcode = undefined;
    const target = vaultTarget(dataFolder, { checkpointBytes: 40_000 });
    await expect(backUpDevice({ ...device(), target: dyingWhileStoring(target, 120) })).rejects.toThrow(
      'Died',
    );
    await deleteLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    const again = backUpDevice({ ...device(), target });
    await expect(again).rejects.toMatchObject({ report: { code: 'operation.stored-part-damaged' } });
    await backUpDevice({ ...device(), target, full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  });

  test('does not call whole what waits to be stored without a readable list of what arrived, and begins anew', async () => {
    const { dataFolder } = stage;
    stage.phone.condition.passcode = undefined;
    const target = vaultTarget(dataFolder, { checkpointBytes: 40_000 });
    await expect(backUpDevice({ ...device(), target: dyingWhileStoring(target, 120) })).rejects.toThrow(
      'Died',
    );
    await writeFile(join(dataFolder, 'staging', stage.udid, 'received'), 'no list of hashes');
    expect(await backUpDevice({ ...device(), target }).catch(reasonOf)).toBe('operation.backup-not-whole');
    // As it says:
    await backUpDevice({ ...device(), target, full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
    expect((await listKeptSnapshots(dataFolder)).filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
  });

  test('with a damaged pack never takes for whole what a full backup shares with it', async () => {
    await backUpFirst();
    const { dataFolder } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', stage.udid, 'data'));
    const backUpAgain = () =>
      backUpDevice({ ...device(), target: vaultTarget(dataFolder), full: true }).catch(reasonOf);
    expect(await backUpAgain()).toBe('operation.stored-part-damaged');
    expect((await listKeptSnapshots(dataFolder)).filter(({ kind }) => kind === 'snapshot')).toHaveLength(1);
    // As it says:
    await repairPhoneVault({ dataFolder, salvage: true });
    await backUpDevice({ ...device(), target: vaultTarget(dataFolder), full: true });
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  });

  test('whose list of backups was lost gives them back, without their names', async () => {
    await backUpFirst();
    const { dataFolder } = stage;
    await rm(join(dataFolder, 'vaults', stage.udid, 'snapshots'), { recursive: true });
    const { recovered } = await repairPhoneVault({ dataFolder, salvage: true });
    expect(recovered).toHaveLength(1);
    const [kept] = await listKeptSnapshots(dataFolder);
    expect(kept).toMatchObject({ id: recovered[0], incomplete: true, udid: stage.udid });
    expect(kept?.deviceName).toMatch(/\S/);
    const to = join(stage.folder, 'exported');
    expect((await exportFolder({ dataFolder, what: recovered[0] ?? '', to })).files).toBeGreaterThan(100);
  });

  test('with a damaged record of a backup goes on with all others, and is put right', async () => {
    await backUpFirst();
    const record = await onlyRecord(stage);
    liveADay(stage);
    await backUpFirst();
    const { dataFolder } = stage;
    await writeFile(record, await readFile(record).then((bytes) => bytes.fill(1, 20, 40)));
    liveADay(stage);
    await backUpFirst();
    await expect(prunePhoneVault({ dataFolder })).rejects.toMatchObject({
      report: { code: 'vault.record-damaged' },
    });
    const { recovered } = await repairPhoneVault({ dataFolder, salvage: true });
    expect(recovered).toHaveLength(1);
    await prunePhoneVault({ dataFolder });
    expect(await checkPhoneVault({ dataFolder, readData: true })).toMatchObject({ isWhole: true });
    // It has its own date: it is the oldest.
    expect((await listKeptSnapshots(dataFolder)).map(({ incomplete }) => incomplete)).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('waits a week for somebody to go on with an unfinished backup, then gives up its room', async () => {
    await backUpFirst();
    liveADay(stage);
    const disarm = armFault(stage, 'disconnect-after-bytes:bytes=700000');
    await expect(backUpFirst()).rejects.toBeInstanceOf(OperationFailure);
    disarm();
    const staging = join(stage.dataFolder, 'staging');
    expect(await readdir(staging)).toEqual([stage.udid]);

    const [, other] = stage.simulator.phones;
    if (other === undefined) throw new Error('There is no other phone');
    await pairDevice({ usbmux: stage.usbmux, device: other.identity.udid });
    const backUpOther = (days: number) =>
      backUpDevice({
        ...stage,
        device: other.identity.udid,
        target: vaultTarget(stage.dataFolder),
        clock: clockAhead(days),
      });
    await backUpOther(6);
    expect(await readdir(staging)).toEqual([stage.udid]);
    await backUpOther(8);
    expect(await readdir(staging)).toEqual([]);
  });
});

describe('a whole backup that waits to be stored', () => {
  let stage: Stage;
  /** Of the backup that it is built on. */
  let record: string;
  const backUp = (options: { readonly full?: boolean } = {}) =>
    backUpDevice({ ...stage, ...options, target: vaultTarget(stage.dataFolder) });
  const staged = async () =>
    (await readdir(join(stage.dataFolder, 'staging'), { recursive: true })).filter((path) =>
      /[0-9a-f]{40}$/.test(path),
    );

  beforeEach(async () => {
    stage = await openStage();
    await pairStage(stage);
    stage.phone.condition.passcode = undefined;
    await backUp();
    record = await onlyRecord(stage);
    liveADay(stage);
    // It is received and noted, then the process "dies".
    const target = vaultTarget(stage.dataFolder);
    const dying: BackupTarget = {
      ...target,
      open: async (options) => {
        const unfinished = await target.open(options);
        const die = () => {
          throw new Error('died');
        };
        return { ...unfinished, commit: (with_) => unfinished.commit({ ...with_, onProgress: die }) };
      },
    };
    await expect(backUpDevice({ ...stage, target: dying })).rejects.toThrow('died');
    expect((await staged()).length).toBeGreaterThan(0);
  });
  afterEach(() => stage.close());

  test('waits on when the vault is not there for a moment', async () => {
    const before = await staged();
    let isPulled = false;
    const target = vaultTarget(stage.dataFolder, {
      watch: (storage) => ({
        ...storage,
        put: (...call) => storage.put(...call),
        get: (...call) => storage.get(...call),
        delete: (...call) => storage.delete(...call),
        close: () => storage.close(),
        // A disk that was pulled after it was opened: nothing is there, and nothing fails.
        async *list(folder, options) {
          if (!isPulled) yield* storage.list(folder, options);
          isPulled ||= folder === 'index';
        },
        stat: async (name, options) => (isPulled ? undefined : storage.stat(name, options)),
      }),
    });
    await expect(backUpDevice({ ...stage, target })).rejects.toMatchObject({
      report: { code: 'vault.not-there', happened: expect.stringContaining(stage.udid) },
    });
    expect(await staged()).toEqual(before);
    await backUp();
    // The one that waited, and a new one.
    expect(await listKeptSnapshots(stage.dataFolder)).toHaveLength(3);
  });

  test('is set aside when what it is built on was deleted, and goes when the next one is whole', async () => {
    const { dataFolder, udid } = stage;
    await rm(record);
    const failed = await backUp().catch((error: unknown) => error);
    expect(failed).toMatchObject({ report: { code: 'operation.stored-part-lost' } });
    expect((await staged()).every((path) => path.startsWith(`.aside/${udid}/`))).toBe(true);
    // It is no backup, and no other phone.
    expect(await listKeptSnapshots(dataFolder)).toEqual([]);
    expect((await staged()).length).toBeGreaterThan(0);
    await backUp();
    expect(await staged()).toEqual([]);
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  });

  test('is not given up for a full one before that is there', async () => {
    const { dataFolder, udid } = stage;
    await damageLargestPack(join(dataFolder, 'vaults', udid, 'data'));
    await repairPhoneVault({ dataFolder, salvage: true });
    await expect(backUp()).rejects.toMatchObject({ report: { code: 'operation.stored-part-damaged' } });
    expect((await staged()).length).toBeGreaterThan(0);
    const disarm = armFault(stage, 'disconnect-after-bytes:bytes=60000');
    await expect(backUp({ full: true })).rejects.toBeInstanceOf(OperationFailure);
    disarm();
    expect((await staged()).length).toBeGreaterThan(0);
    await backUp({ full: true });
    expect(await staged()).toEqual([]);
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  });
});

test('what arrived of a first backup that is not whole is kept, as there is nothing else', async () => {
  let isLosing = true;
  let answers = 0;
  const stage = await openStage({
    backupAgent: {
      onMessage: (name) => {
        if (name === 'DLMessageProcessMessage') answers += 1;
        if (answers === 2 && isLosing) loseOneFile(join(stage.dataFolder, 'staging', stage.udid, 'new'));
      },
    },
  });
  try {
    await pairStage(stage);
    const { dataFolder } = stage;
    const backUp = () => backUpDevice({ ...stage, target: vaultTarget(dataFolder) });
    const failed = await backUp().catch((error: unknown) => error);
    isLosing = false;
    if (!(failed instanceof OperationFailure)) throw failed;
    expect(failed.report.code).toBe('operation.backup-not-whole');
    const snapshots = async () =>
      (await listKeptSnapshots(dataFolder)).filter(({ kind }) => kind === 'snapshot');
    const [kept] = await snapshots();
    expect(kept).toMatchObject({ incomplete: true, udid: stage.udid });
    expect(failed.report.yourData).toContain(`(${kept?.id.slice(0, 8)})`);
    // It is not what the next run goes on from, and not what is restored.
    await backUpDevice({ ...stage, target: vaultTarget(dataFolder), full: true });
    expect((await snapshots()).map(({ incomplete }) => incomplete)).toEqual([false, true]);
    expect(await verifyDeviceBackup('latest', { dataFolder })).toMatchObject({ verdict: 'whole' });
  } finally {
    await stage.close();
  }
});

function clockAhead(days: number): Clock {
  const aheadMs = days * 24 * 60 * 60 * 1000;
  return { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
}

function loseOneFile(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const blob = entries.find((entry) => entry.isFile() && entry.name.length === 40);
  if (blob === undefined) throw new Error('No file was received');
  rmSync(join(blob.parentPath, blob.name));
}

const reasonOf = (error: unknown): string =>
  error instanceof OperationFailure ? error.report.code : String(error);

/** Of the one backup that is there. */
async function onlyRecord({ dataFolder, udid }: Stage): Promise<string> {
  const folder = join(dataFolder, 'vaults', udid, 'snapshots');
  return join(folder, (await readdir(folder))[0] ?? '');
}

/** Flips one bit in the middle of the largest pack. */
/** Like a process that dies when so many files were stored. */
function dyingWhileStoring(target: BackupTarget, files: number): BackupTarget {
  return {
    ...target,
    async open(options) {
      const unfinished = await target.open(options);
      let stored = 0;
      const onProgress = () => {
        stored += 1;
        if (stored > files) throw new Error('Died');
      };
      return {
        ...unfinished,
        isCommitted: false,
        commit: (how) => unfinished.commit({ ...how, onProgress }),
      };
    },
  };
}
