import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import {
  archiveSnapshot,
  backUpDevice,
  compareDeviceBackups,
  deleteKeptSnapshot,
  exportFolder,
  importFolder,
  type Kept,
  listKeptSnapshots,
  prunePhoneVault,
  recoveryKit,
  restoreDevice,
  vaultTarget,
  verifyDeviceBackup,
} from '@rootcellar/operations';
import { compareInventories, takeInventory } from '@rootcellar/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashesBelow } from '../hashes-below.ts';
import { eraseAndPair, liveADay, openStage, pairStage, type Stage, setBackupPassword } from '../stage.ts';

const PASSWORD = 'Æpfel im Keller 🍎';
const SAME = { missing: [], added: [], changed: [] };
const password = async () => new Secret(PASSWORD);

describe.each<[what: string, encrypted: boolean, keep: Kept]>([
  ['a plain backup', false, 'sealed'],
  ['an encrypted backup as it was sent', true, 'sealed'],
  ['an encrypted backup, kept small', true, 'small'],
])('the vault with %s', (_, encrypted, keep) => {
  let stage: Stage;
  let first: string;
  const backUp = async () => {
    const target = vaultTarget(stage.dataFolder, { keep });
    const { snapshot, ...report } = await backUpDevice({ ...stage, target, password });
    if (snapshot === undefined) throw new Error('no snapshot');
    return { snapshot, ...report };
  };
  const verify = (what: string) =>
    verifyDeviceBackup(what, { dataFolder: stage.dataFolder, password, deep: true });
  beforeAll(async () => {
    stage = await openStage();
    await pairStage(stage);
    if (encrypted) await setBackupPassword(stage, { new: PASSWORD });
    first = (await backUp()).snapshot;
  });
  afterAll(() => stage.close());

  test('proves every file of a first backup', async () => {
    const { verdict, files, checkedBy, findings } = await verify('latest');
    expect({ verdict, findings }).toEqual({ verdict: 'whole', findings: [] });
    expect(checkedBy.digest).toBe(files);
  });

  test('stores only what has changed, and keeps both', async () => {
    liveADay(stage);
    const { snapshot, changedFiles, files } = await backUp();
    expect(changedFiles).toBeLessThan(files / 4);
    const [newest, oldest] = await listKeptSnapshots(stage.dataFolder);
    expect([newest?.id, oldest?.id]).toEqual([snapshot, first]);
    expect(newest).toMatchObject({ encrypted, kept: encrypted ? keep : 'sealed', udid: stage.udid });
    expect(newest?.addedBytes).toBeLessThan((oldest?.addedBytes ?? 0) / 4);
    expect(await verify(first)).toMatchObject({
      verdict: 'whole-but-old',
      age: { newestAt: newest?.takenAt, isLongAgo: false },
    });
    expect(await verify(snapshot)).toMatchObject({ verdict: 'whole', age: { newestAt: undefined } });
    const compared = await compareDeviceBackups({ ...stage, before: first, after: 'latest', password });
    expect(compared.removed.files).toBeGreaterThan(0);
    expect(compared.added.files).toBeGreaterThan(0);
  });

  test('gives back the folder that the phone wrote, and takes it in again as the same', async () => {
    const to = join(stage.folder, 'exported');
    const { folder } = await exportFolder({ ...stage, what: 'latest', to });
    expect(await hashesBelow(folder)).toEqual(await hashesInList(`${folder}.sha256`));
    const dataFolder = join(stage.folder, 'other-data');
    await importFolder({ dataFolder, folder: to, keep, password });
    const again = await importFolder({ dataFolder, folder: to, keep, password });
    expect(again.addedBytes).toBeLessThan(10_000);
    expect(await listKeptSnapshots(dataFolder)).toMatchObject([
      { kept: encrypted ? keep : 'sealed' },
      { kept: encrypted ? keep : 'sealed' },
    ]);
    expect(await verifyDeviceBackup('latest', { dataFolder, password })).toMatchObject({ verdict: 'whole' });
    const and = join(stage.folder, 'exported-again');
    const same = await exportFolder({ dataFolder, what: 'latest', to: and });
    expect(await hashesBelow(same.folder)).toEqual(await hashesBelow(folder));
  });

  test('restores the phone as it was', async () => {
    const original = await takeInventory(stage.phone, { encrypted });
    await eraseAndPair(stage);
    await restoreDevice({ ...stage, what: 'latest', askPassword: password, consent: async () => true });
    expect(compareInventories(original, await takeInventory(stage.phone, { encrypted }))).toEqual(SAME);
  });

  test('never deletes what is archived, and frees the room of what is deleted', async () => {
    const { dataFolder } = stage;
    await archiveSnapshot({ dataFolder, what: first, archived: true });
    await expect(deleteKeptSnapshot({ dataFolder, what: first })).rejects.toMatchObject({
      report: { code: 'operation.snapshot-archived' },
    });
    await archiveSnapshot({ dataFolder, what: first, archived: false });
    await deleteKeptSnapshot({ dataFolder, what: first });
    await prunePhoneVault({ dataFolder });
    expect((await listKeptSnapshots(dataFolder)).map(({ id }) => id)).not.toContain(first);
    expect((await verify('latest')).verdict).toBe('whole');
  });

  test('leaves nothing in the staging area', async () => {
    expect(await readdir(join(stage.dataFolder, 'staging'))).toEqual([]);
  });
});

test('a recovery kit has the key', async () => {
  const stage = await openStage();
  try {
    await pairStage(stage);
    const { dataFolder, udid } = stage;
    await backUpDevice({ ...stage, target: vaultTarget(dataFolder) });
    const keyFile = join(dataFolder, 'keys', udid);
    const { html } = await recoveryKit({ dataFolder, now: new Date('2026-11-25T10:00:00Z') });
    expect(html).toContain((await readFile(keyFile, 'utf8')).trim());
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  } finally {
    await stage.close();
  }
});

async function hashesInList(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const pairs = lines.map((line) => [line.slice(line.indexOf('/') + 1), line.slice(0, 64)] as const);
  return Object.fromEntries(pairs);
}
