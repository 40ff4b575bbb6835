import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keyStoreOfThisComputer, placeForNew } from './key-store-choice.ts';
import { type MemoryKeyStore, memoryKeyStore } from './memory-key-store.ts';
import { keepSecret } from './secret-store.ts';

const LASTING = join(homedir(), 'rootcellar', 'keys', 'phone');

let keyStore: MemoryKeyStore;
beforeEach(() => {
  keyStore = memoryKeyStore();
});
afterEach(() => vi.unstubAllEnvs());

const choose = (word: string, file = LASTING) =>
  placeForNew(file, { keyStore, environment: { ROOTCELLAR_KEY_STORE: word } });

test('new secrets go into the key store by themselves, if it is open', async () => {
  expect(await choose('')).toEqual({ keyStore, isRequired: false });
});

test.each(['locked', 'absent'] as const)('they go into files while the key store is %s', async (state) => {
  keyStore.become(state);
  expect(await choose('')).toMatchObject({ keyStore: undefined });
});

test('those of a temporary folder go into files, unless somebody says otherwise', async () => {
  const file = join(tmpdir(), 'rootcellar', 'keys', 'phone');
  expect(await choose('', file)).toMatchObject({ keyStore: undefined });
  expect(await choose('system', file)).toEqual({ keyStore, isRequired: true });
});

test('who says file gets files', async () => {
  expect(await choose('file')).toMatchObject({ keyStore: undefined });
});

test.each([
  ['locked', 'operation.key-store-locked'],
  ['absent', 'operation.key-store-missing'],
] as const)('who says system gets an error while the key store is %s', async (state, code) => {
  keyStore.become(state);
  await expect(choose('system')).rejects.toMatchObject({ code });
});

test('a word that is not understood is no choice', async () => {
  await expect(choose('keychain')).rejects.toMatchObject({ code: 'operation.key-store-word-unknown' });
});

test('what a key store does not keep goes into a file, unless the key store is required', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-choice-'));
  vi.stubEnv('TMPDIR', join(folder, 'elsewhere'));
  try {
    keyStore.forge = true;
    const name = { file: join(folder, 'keys', 'phone'), label: 'phone' };
    const keep = (environment: NodeJS.ProcessEnv) =>
      keepSecret(name, new Secret('quince'), { keyStore, environment });
    await expect(keep({ ROOTCELLAR_KEY_STORE: 'system' })).rejects.toMatchObject({
      code: 'operation.key-store-failed',
    });
    expect(await keep({})).toBe('file');
    expect(await readFile(name.file, 'utf8')).toBe('quince\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('Windows has none that we know of', () => {
  expect(keyStoreOfThisComputer('win32')).toBeUndefined();
  expect(keyStoreOfThisComputer('darwin')).toBeDefined();
  expect(keyStoreOfThisComputer('linux')).toBeDefined();
});
