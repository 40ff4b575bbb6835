import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MemoryKeyStore, memoryKeyStore } from '../secrets/memory-key-store.ts';
import { keepSecret } from '../secrets/secret-store.ts';
import { vaultKeyName } from '../vault/vault-key.ts';
import { whereSecretsLie } from './where-secrets-lie.ts';

let folder: string;
let keyStore: MemoryKeyStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-where-'));
  await mkdir(join(folder, 'vaults'));
  keyStore = memoryKeyStore();
});
afterEach(() => rm(folder, { recursive: true }));

const where = (word = 'file') =>
  whereSecretsLie(folder, { keyStore, environment: { ROOTCELLAR_KEY_STORE: word } });

/** A vault of that name, whose key lies in a file or in the key store. */
async function keep(udid: string, word: 'file' | 'system'): Promise<void> {
  await mkdir(join(folder, 'vaults', udid));
  await writeFile(join(folder, 'vaults', udid, 'config'), '');
  const options = { keyStore, environment: { ROOTCELLAR_KEY_STORE: word } };
  await keepSecret(vaultKeyName(folder, udid), new Secret('quince'), options);
}

test('before there are any, it is where new ones go', async () => {
  expect(await where('file')).toBe('secrets-will-be-in-files');
  expect(await where('system')).toBe('secrets-will-be-in-key-store');
  expect(await where('cupboard')).toBe('secrets-unknown');
  keyStore.become('locked');
  expect(await where('system')).toBe('secrets-unknown');
});

test('in files, in the key store, or in both', async () => {
  await keep('phone', 'file');
  expect(await where('system')).toBe('secrets-in-files');
  await keep('tablet', 'system');
  expect(await where()).toBe('secrets-in-both');
  // It may have been moved; its key still opens it.
  await rm(join(folder, 'vaults', 'phone'), { recursive: true });
  expect(await where()).toBe('secrets-in-both');
});

test('what lies in a key store that does not give it is a problem', async () => {
  await keep('phone', 'system');
  keyStore.become('locked');
  expect(await where()).toBe('secrets-locked');
  keyStore.become('absent');
  expect(await where()).toBe('secrets-out-of-reach');
});
