import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import {
  backUpDevice,
  createVault,
  listKeptSnapshots,
  listVaults,
  vaultTarget,
} from '@rootcellar/operations';
import { createRepository, faultyStorage, folderStorage, type Storage } from '@rootcellar/vault';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStage, pairStage, type Stage } from '../stage.ts';

const KEY = 'QUINCE-APPLE-PEAR';

let stage: Stage;
/** Where the vault lies unless somebody says otherwise, and the mark of one that is being made. */
let usual: string;
let mark: string;
let elsewhere: string;
const backUp = (watch?: (storage: Storage) => Storage) =>
  backUpDevice({ ...stage, target: vaultTarget(stage.dataFolder, { watch }) });
const create = (location: string, more: { readonly adopt?: boolean; readonly anew?: boolean } = {}) =>
  createVault({ dataFolder: stage.dataFolder, udid: stage.udid, location, adopt: false, ...more });
const list = () => listKeptSnapshots(stage.dataFolder);
const fails = (work: Promise<unknown>, code: string) =>
  expect(work).rejects.toMatchObject({ report: { code, dataState: 'unchanged' } });

beforeEach(async () => {
  stage = await openStage({ profile: 'empty' });
  await pairStage(stage);
  stage.phone.condition.passcode = undefined;
  usual = join(stage.dataFolder, 'vaults', stage.udid);
  mark = join(stage.dataFolder, 'keys', `${stage.udid}.beginning`);
  elsewhere = join(stage.folder, 'elsewhere');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

/** Dies as soon as the vault is there. */
function dyingAfterConfig(storage: Storage): Storage {
  let isThere = false;
  return faultyStorage(storage, {
    before: ({ kind, name }) => {
      if (isThere) throw new Error('the power is out');
      isThere = kind === 'put' && name === 'config';
    },
  });
}

test('the mark of a vault that was being made is gone as soon as the vault is opened', async () => {
  await backUp();
  await writeFile(mark, ''); // As a run leaves it that dies when the vault is there.
  expect(await list()).toHaveLength(1);
  expect(existsSync(mark)).toBe(false);
  await writeFile(mark, '');
  await rename(usual, elsewhere);
  await fails(list(), 'operation.vault-away');
  await create(elsewhere, { adopt: true });
  expect(existsSync(mark)).toBe(false);
  expect(await list()).toHaveLength(1);
});

test('a first backup that dies when its vault is there goes on in that vault', async () => {
  await expect(backUp(dyingAfterConfig)).rejects.toThrow();
  expect(existsSync(join(usual, 'config'))).toBe(true);
  await backUp();
  expect(existsSync(mark)).toBe(false);
  expect(await list()).toHaveLength(1);
});

test('a vault whose key nobody keeps is missed as well when it was moved', async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY);
  await backUp();
  expect(existsSync(join(stage.dataFolder, 'keys', stage.udid))).toBe(false);
  await rename(usual, elsewhere);
  await fails(list(), 'operation.vault-away');
  await fails(backUp(), 'operation.vault-away');
  expect(existsSync(usual)).toBe(false);
  expect(await listVaults(stage.dataFolder)).toMatchObject([{ problem: { code: 'operation.vault-away' } }]);
  await create(elsewhere, { adopt: true });
  await backUp();
  expect(await list()).toHaveLength(2);
});

test('one that was put there by hand is remembered when it was opened', async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY);
  await backUp();
  await rm(join(stage.dataFolder, 'phones'), { recursive: true, force: true });
  await list();
  await rename(join(stage.dataFolder, 'vaults'), elsewhere);
  await fails(backUp(), 'operation.vault-away');
});

test('another vault in the place of one is not written to until it is adopted', async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY);
  await backUp();
  await rename(usual, elsewhere);
  await createRepository(folderStorage(usual), { password: new Secret(KEY) });
  await fails(backUp(), 'operation.vault-not-the-same');
  expect(await readdir(join(usual, 'snapshots')).catch(() => [])).toEqual([]);
  await create(usual, { adopt: true });
  await backUp();
  expect(await list()).toHaveLength(1);
});

test('one that dies before it is written down where it lies is made again, and is missed nowhere', async () => {
  for (const key of [undefined, KEY]) {
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', key);
    const notes = join(stage.dataFolder, 'vaults');
    await mkdir(stage.dataFolder, { recursive: true });
    await writeFile(notes, ''); // So it cannot be written down.
    await expect(create(elsewhere)).rejects.toThrow();
    await rm(notes);
    expect(existsSync(join(elsewhere, 'config'))).toBe(true);
    expect(await list()).toEqual([]);
    expect(await create(elsewhere)).toMatchObject({ location: elsewhere, adopted: false });
    expect(existsSync(mark)).toBe(false);
    await backUp();
    expect(existsSync(usual)).toBe(false);
    await rm(`${usual}.json`);
    await writeFile(mark, '');
    await fails(create(elsewhere), 'vault.there-already'); // It has a backup now.
    for (const place of [elsewhere, stage.dataFolder]) await rm(place, { recursive: true });
    await pairStage(stage);
  }
});

test('an empty vault of another phone is not taken, though one password opens both', async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY);
  await createRepository(folderStorage(elsewhere), { password: new Secret(KEY) });
  await fails(create(elsewhere), 'vault.there-already');
});
