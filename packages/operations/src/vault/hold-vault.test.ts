import { Secret } from '@rootcellar/core';
import {
  Contents,
  createRepository,
  faultyStorage,
  memoryStorage,
  openRepository,
  storageError,
} from '@rootcellar/vault';
import { expect, test } from 'vitest';
import { holdVault } from './hold-vault.ts';
import type { PhoneVault } from './phone-vault.ts';

const password = new Secret('Gravensteiner');

/** @param failure of whatever would change the vault */
async function vaultThat(failure: Error | undefined): Promise<PhoneVault> {
  const inner = memoryStorage();
  await createRepository(inner, { password, work: { N: 2, r: 8, p: 1 } });
  const storage = faultyStorage(inner, {
    before: ({ kind }) => {
      if (kind === 'put' && failure) throw failure;
    },
  });
  const contents = await Contents.open(await openRepository(storage, { password }));
  return { udid: 'u', location: 'memory', contents };
}

test('a vault that cannot be written, or whose disk is full, can still be read', async () => {
  for (const failure of [undefined, storageError('not-permitted'), storageError('full')])
    expect(await holdVault(await vaultThat(failure), async () => 'read')).toBe('read');
});

test('whatever else keeps the lock away is told', async () => {
  const vault = await vaultThat(storageError('not-reached'));
  await expect(holdVault(vault, async () => 'read')).rejects.toMatchObject({ code: 'storage.not-reached' });
});
