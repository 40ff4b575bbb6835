import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { createRepository, folderStorage, memoryStorage, vaultError } from '@rootcellar/vault';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createVault } from './create-vault.ts';
import { recoveryKit } from './recovery-kit.ts';
import { asOnTheKit, isSameKey, openWithTypedKey } from './typed-key.ts';
import { newVaultKey } from './vault-key.ts';
import { changeVaultKey, listVaultKeys } from './vault-keys.ts';

const KEY = '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ';
const secret = (text: string) => new Secret(text);

describe('a key of the recovery kit', () => {
  test.each([
    ['in lower case', KEY.toLowerCase()],
    ['without dashes', KEY.replaceAll('-', '')],
    ['with spaces', ` ${KEY.toLowerCase().replaceAll('-', ' ')}\n`],
    ['with other dashes', KEY.replaceAll('-', '–')],
    ['with letters that look like its digits', KEY.replace('0', 'o').replace('1', 'l')],
  ])('is understood %s', (_, typed) => {
    expect(asOnTheKit(secret(typed))?.reveal()).toBe(KEY);
    expect(isSameKey(secret(typed), secret(KEY))).toBe(true);
  });

  test.each([
    ['it is as on the kit', KEY],
    ['it is too short', KEY.slice(0, -1)],
    ['a letter is none of a key', KEY.replace('Z', 'U')],
    ['it is a password of somebody', 'correct horse battery staple'],
    ['it is empty', ''],
  ])('is left as it was typed if %s', (_, typed) => {
    expect(asOnTheKit(secret(typed))).toBeUndefined();
  });

  test('that was made here is as on the kit', () => {
    expect(asOnTheKit(newVaultKey())).toBeUndefined();
  });
});

describe('a vault', () => {
  const hex = 'd41d8cd98f00b204e9800998ecf8427e';
  const vaultOf = async (password: string) => {
    const storage = memoryStorage();
    await createRepository(storage, { password: secret(password) });
    return storage;
  };

  test('opens with its key however it was typed, and tells the key itself', async () => {
    const opened = await openWithTypedKey(await vaultOf(KEY), { password: secret(KEY.toLowerCase()) });
    expect(opened.key.reveal()).toBe(KEY);
  });

  test('opens with a password that only looks like a key', async () => {
    expect((await openWithTypedKey(await vaultOf(hex), { password: secret(hex) })).key.reveal()).toBe(hex);
  });

  test('stays closed to another key', async () => {
    const opening = openWithTypedKey(await vaultOf(KEY), { password: secret(hex) });
    await expect(opening).rejects.toSatisfy((error) => vaultError.matches(error, 'password-wrong'));
  });
});

describe('on a new computer', () => {
  const UDID = '00008120-0001A2B3C4D5E6F7';
  let dataFolder: string;
  let keyFile: string;
  beforeEach(async () => {
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', '');
    dataFolder = await mkdtemp(join(tmpdir(), 'rootcellar-typed-'));
    keyFile = join(dataFolder, 'keys', UDID);
    const location = join(dataFolder, 'disk');
    await createRepository(folderStorage(location), { password: secret(KEY) });
    const key = async () => secret(KEY.replaceAll('-', '').toLowerCase());
    await createVault({ dataFolder, udid: UDID, location, adopt: true, key });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(dataFolder, { recursive: true });
  });

  test('the key is kept as it is, and not as it was typed', async () => {
    expect((await readFile(keyFile, 'utf8')).trim()).toBe(KEY);
  });

  test('the recovery kit shows it so that restic takes it', async () => {
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY.toLowerCase());
    const kit = await recoveryKit({ dataFolder, vault: UDID, now: new Date() });
    expect(kit.html).toContain(KEY);
  });

  test('changing it also changes the one that is kept', async () => {
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY.toLowerCase());
    const changed = await changeVaultKey({ dataFolder, vault: UDID, newKey: async () => secret('quince') });
    expect(changed.isAtHand).toBe(true);
    expect((await readFile(keyFile, 'utf8')).trim()).toBe('quince');
  });

  test('one that nobody has seen is kept here, wherever the one before was', async () => {
    await rm(keyFile);
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', KEY);
    const change = { dataFolder, vault: UDID, newKey: async () => secret('quince'), isUnseen: true };
    expect(await changeVaultKey(change)).toMatchObject({ isAtHand: false, place: 'file' });
    vi.stubEnv('ROOTCELLAR_VAULT_PASSWORD', '');
    const { keys } = await listVaultKeys({ dataFolder, vault: UDID });
    expect(keys).toMatchObject([{ isCurrent: true }]);
  });

  test('without any key file the vault is damaged, and its password is not called wrong', async () => {
    await rm(join(dataFolder, 'disk', 'keys'), { recursive: true });
    const listed = listVaultKeys({ dataFolder, vault: UDID });
    await expect(listed).rejects.toMatchObject({ report: { code: 'vault.keys-missing' } });
  });
});
