import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryTree, Secret } from '@rootcellar/core';
import { Contents, createRepository, folderStorage, saveSnapshot } from '@rootcellar/vault';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryKeyStore } from '../secrets/memory-key-store.ts';
import type { SecretName } from '../secrets/secret-store.ts';
import { keyFor } from './begin-vault.ts';
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

describe('a key in the key store', () => {
  const environment = { ROOTCELLAR_KEY_STORE: 'system' };
  const items = (keyStore: ReturnType<typeof memoryKeyStore>) =>
    [...keyStore.items.values()].map(({ text }) => text);

  test('of a vault that is yet to be made is not made anew while it is locked', async () => {
    const keyStore = memoryKeyStore();
    const options = { keyStore, environment };
    const made = await keyFor(name, options);
    expect(items(keyStore)).toEqual([made.reveal()]);
    keyStore.become('locked');
    await expect(keyFor(name, options)).rejects.toMatchObject({ code: 'operation.key-store-locked' });
    keyStore.become('open');
    expect((await keyFor(name, options)).reveal()).toBe(made.reveal());
    keyStore.items.clear();
    await expect(keyFor(name, options)).rejects.toMatchObject({ code: 'operation.key-store-lost' });
  });

  test('that is locked stays there when the one from the recovery kit is kept in a file', async () => {
    const keyStore = memoryKeyStore();
    await keepVaultKey(name, new Secret('medlar'), { keyStore, environment });
    keyStore.become('locked');
    await keepVaultKey(name, key, { keyStore, environment: {} });
    expect((await keptKey(name, { keyStore }))?.reveal()).toBe('quince');
    expect(items(keyStore)).toEqual(['medlar']);
    const names = await readdir(join(folder, 'keys'));
    expect(names.map((one) => one.replace(/(before-)\d+$/, '$1'))).toEqual([
      UDID,
      `${UDID}.in-key-store.before-`,
    ]);
  });

  test('that is locked is not lost when another cannot be kept there', async () => {
    const keyStore = memoryKeyStore();
    const options = { keyStore, environment };
    await keepVaultKey(name, new Secret('medlar'), options);
    keyStore.become('locked');
    await expect(keepVaultKey(name, key, options)).rejects.toMatchObject({
      code: 'operation.key-store-locked',
    });
    keyStore.become('open');
    expect((await readVaultKey(name, options)).reveal()).toBe('medlar');
  });

  test('does not go before the one from the environment', async () => {
    const keyStore = memoryKeyStore();
    await keepVaultKey(name, key, { keyStore, environment });
    keyStore.become('locked');
    const given = { keyStore, environment: { ROOTCELLAR_VAULT_PASSWORD: 'rowan' } };
    expect((await readVaultKey(name, given)).reveal()).toBe('rowan');
  });
});
