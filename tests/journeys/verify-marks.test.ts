import { renameSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret, systemClock } from '@rootcellar/core';
import { backUpDevice, exportFolder, vaultTarget, verifyDeviceBackup } from '@rootcellar/operations';
import {
  Contents,
  damagedAt,
  folderStorage,
  listSnapshots,
  openRepository,
  type Repository,
} from '@rootcellar/vault';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packsIn } from '../damage-largest-pack.ts';
import { openStage, pairStage, type Stage } from '../stage.ts';

let stage: Stage;
let vault: string;

beforeEach(async () => {
  stage = await openStage({ profile: 'empty' });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  vault = join(stage.dataFolder, 'vaults', stage.udid);
});
afterEach(() => stage.close());

const backUp = async () => {
  const { snapshot = '' } = await backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder) });
  return snapshot;
};

async function openVault(): Promise<Repository> {
  const key = await readFile(join(stage.dataFolder, 'keys', stage.udid), 'utf8');
  return openRepository(folderStorage(vault), { password: new Secret(key.trim()) });
}

/** Ids of the backups that are called damaged. */
async function marked(): Promise<readonly string[]> {
  return (await listSnapshots(await openVault())).filter((one) => damagedAt(one)).map(({ id }) => id);
}

async function damageAllPacks(): Promise<void> {
  for (const path of await packsIn(join(vault, 'data'))) {
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += 64) bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  }
}

test('a backup that cannot be opened is called damaged, and not a newer one that came meanwhile', async () => {
  const first = await backUp();
  const records = join(vault, 'snapshots');
  const before = await readdir(records);
  await backUp();
  const [newest = ''] = (await readdir(records)).filter((name) => !before.includes(name));
  await damageAllPacks();
  const away = join(stage.folder, 'newest');
  await rename(join(records, newest), away);
  // Another computer makes it: here nobody misses it.
  await rm(join(stage.dataFolder, 'phones', `${stage.udid}.newest.json`));
  // Between the look for the newest and the note of what was found.
  const now = () => {
    renameSync(away, join(records, newest));
    return new Date();
  };
  const checked = verifyDeviceBackup('latest', { ...stage, clock: { ...systemClock, now } });
  await expect(checked).rejects.toMatchObject({ report: { dataState: 'damaged' } });
  expect(await marked()).toEqual([first]);
});

/** What lies in one of the 256 folders of a backup: the folder that holds them has the longest list. */
async function loseOneFolder(): Promise<void> {
  const repository = await openVault();
  const [snapshot] = await listSnapshots(repository);
  const { index } = await Contents.open(repository);
  const trees = [...index.entries()].filter(({ type, id }) => type === 'tree' && id !== snapshot?.tree);
  const [folder] = trees.sort((one, other) => other.length - one.length).slice(1);
  if (folder === undefined) throw new Error('There is no folder');
  const path = join(vault, 'data', folder.packID.slice(0, 2), folder.packID);
  const bytes = await readFile(path);
  bytes[folder.offset + 20] = (bytes[folder.offset + 20] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test('a backup that has lost a folder, so that nobody can look at the rest, is called damaged', async () => {
  const first = await backUp();
  await loseOneFolder();
  await verifyDeviceBackup('latest', stage).then(
    ({ verdict }) => expect(verdict).toBe('damaged'),
    (error) => expect(error).toMatchObject({ report: { dataState: 'damaged' } }),
  );
  expect(await marked()).toEqual([first]);
});

test('a damaged folder that is called like a backup in the vault marks none', async () => {
  const first = await backUp();
  const [name = ''] = first;
  const to = join(stage.folder, 'exported');
  await exportFolder({ ...stage, what: first, to });
  await rename(join(to, stage.udid), join(to, name));
  await mkdir(join(to, '.rootcellar'));
  await writeFile(join(to, '.rootcellar', 'cipher.jsonl'), 'pears');
  const before = process.cwd();
  process.chdir(to);
  try {
    await expect(verifyDeviceBackup(name, stage)).rejects.toMatchObject({ report: { dataState: 'damaged' } });
  } finally {
    process.chdir(before);
  }
  expect(await marked()).toEqual([]);
});
