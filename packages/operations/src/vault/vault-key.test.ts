import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryTree, Secret } from '@rootcellar/core';
import { Contents, createRepository, folderStorage, saveSnapshot } from '@rootcellar/vault';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SecretName } from '../secrets/secret-store.ts';
import { createVault } from './create-vault.ts';
import { keepVaultKey, keptKey, readVaultKey } from './vault-key.ts';

const UDID = '00008120-0001A2B3C4D5E6F7';
const UNREADABLE = { code: 'operation.vault-key-unreadable' };
const key = new Secret('quince');

let folder: string;
let file: string;
/** Its label is for key stores. */
let name: SecretName;
beforeEach(async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', '');
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-keys-'));
  file = join(folder, 'keys', UDID);
  name = { file, label: 'key' };
  await mkdir(join(folder, 'keys'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Nobody can read a link to itself, root neither. */
const makeUnreadable = () => symlink(file, file);

test('a key that is kept is at hand, and one that was there is set aside', async () => {
  expect(await keptKey(name)).toBeUndefined();
  await expect(readVaultKey(name)).rejects.toMatchObject({ code: 'operation.vault-key-missing' });
  await writeFile(file, 'medlar\n');
  await keepVaultKey(name, key);
  expect((await readVaultKey(name)).reveal()).toBe('quince');
  const aside = (await readdir(join(folder, 'keys'))).find((name) => name.includes('.before-'));
  expect(await readFile(join(folder, 'keys', aside ?? ''), 'utf8')).toBe('medlar\n');
});

test('a key that cannot be read is no missing one, and is never replaced', async () => {
  await makeUnreadable();
  await expect(keptKey(name)).rejects.toMatchObject(UNREADABLE);
  await expect(readVaultKey(name)).rejects.toMatchObject(UNREADABLE);
  await expect(keepVaultKey(name, key)).rejects.toMatchObject(UNREADABLE);
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
});

test.each([
  ['named', UDID],
  ['known from the backups alone', undefined],
])('adopting a vault leaves a key that cannot be read where it is: its phone is %s', async (_, udid) => {
  const location = join(folder, 'disk');
  const repository = await createRepository(folderStorage(location), { password: key });
  await saveSnapshot(await Contents.open(repository), {
    tree: memoryTree(),
    paths: [`/${UDID}`],
    hostname: 'cellar',
  });
  await makeUnreadable();
  const adopting = createVault({ dataFolder: folder, udid, location, adopt: true, key: async () => key });
  await expect(adopting).rejects.toMatchObject({ report: UNREADABLE });
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readdir(join(folder, 'keys'))).toEqual([UDID]);
});
