import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usualKept } from './usual-kept.ts';

/** Another disk than that of temporary files, on any Linux. */
const OTHER_DISK = '/dev/shm';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-kept-'));
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('the key on the disk of the vault: the password of the backup stays the second lock', async () => {
  expect(await usualKept(join(folder, 'not', 'there', 'yet'))).toBe('sealed');
  await mkdir(join(folder, 'keys'));
  await mkdir(join(folder, 'vaults'));
  expect(await usualKept(folder)).toBe('sealed');
});

test('a key that lies in no file: small', async () => {
  vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', 'from the environment');
  expect(await usualKept(folder)).toBe('small');
});

test('a key that lies in the key store: small', async () => {
  await mkdir(join(folder, 'keys'));
  await writeFile(join(folder, 'keys', 'phone.in-key-store'), '');
  expect(await usualKept(folder, 'phone')).toBe('small');
  await writeFile(join(folder, 'keys', 'phone'), 'quince');
  expect(await usualKept(folder, 'phone')).toBe('sealed');
});

const here = await stat(tmpdir()).then(({ dev }) => dev);
const there = await stat(OTHER_DISK).then(
  ({ dev }) => dev,
  () => here,
);
test.skipIf(here === there)('the vault on another disk than its key: small', async () => {
  const elsewhere = await mkdtemp(join(OTHER_DISK, 'rootcellar-kept-'));
  try {
    await symlink(elsewhere, join(folder, 'vaults'));
    expect(await usualKept(folder)).toBe('small');
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});
