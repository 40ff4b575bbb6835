import { inspect } from 'node:util';
import { Secret } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { EXAMPLE_PASSWORD, exampleVault, QUICK_WORK } from '../example-vault.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { idOf } from './ids.ts';
import { parseKeyFile } from './key-file.ts';
import { addKey, changePassword, listKeys, removeKey } from './keys.ts';
import { createRepository, openRepository } from './repository.ts';
import { loadRecord, saveRecord } from './unpacked.ts';

const other = new Secret('another one');
const opens = (storage: ReturnType<typeof memoryStorage>, password: Secret) =>
  openRepository(storage, { password });

describe('a repository', () => {
  test('opens with its password, and with no other', async () => {
    const storage = memoryStorage();
    const { repository } = await exampleVault(storage);
    expect((await opens(storage, EXAMPLE_PASSWORD)).config).toEqual(repository.config);
    await expect(opens(storage, other)).rejects.toMatchObject({ code: 'vault.password-wrong' });
  });

  test('is made once, and found where it is only', async () => {
    const storage = memoryStorage();
    await expect(opens(storage, other)).rejects.toMatchObject({ code: 'vault.not-there' });
    await exampleVault(storage);
    const again = createRepository(storage, { password: other, work: QUICK_WORK });
    await expect(again).rejects.toMatchObject({ code: 'vault.there-already' });
  });

  test('is damaged, and neither opened nor made anew, when its configuration is gone', async () => {
    const storage = memoryStorage();
    await exampleVault(storage);
    storage.files.delete('config');
    // So far it is what an interrupted creation leaves.
    await expect(opens(storage, EXAMPLE_PASSWORD)).rejects.toMatchObject({ code: 'vault.not-there' });
    storage.files.set(`index/${'0'.repeat(64)}`, new Uint8Array(1));
    await expect(opens(storage, EXAMPLE_PASSWORD)).rejects.toMatchObject({ code: 'vault.config-missing' });
    const again = createRepository(storage, { password: EXAMPLE_PASSWORD, work: QUICK_WORK });
    await expect(again).rejects.toMatchObject({ code: 'vault.config-missing' });
    expect(storage.files.has('config')).toBe(false);
  });

  test('is made by one of two who do so in the same moment, and only that one leaves a key', async () => {
    const storage = memoryStorage();
    const make = () => createRepository(storage, { password: EXAMPLE_PASSWORD, work: QUICK_WORK });
    const made = await Promise.allSettled([make(), make()]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await Array.fromAsync(storage.list('keys'))).toHaveLength(1);
    await opens(storage, EXAMPLE_PASSWORD);
  });

  test('takes the polynomial of the vault that it is to be a copy of', async () => {
    const { repository } = await exampleVault();
    const { polynomial } = repository.config;
    const copy = await createRepository(memoryStorage(), { password: other, work: QUICK_WORK, polynomial });
    expect(copy.config.polynomial).toBe(polynomial);
    expect(copy.config.id).not.toBe(repository.config.id);
    expect((await exampleVault()).repository.config.polynomial).not.toBe(polynomial);
  });

  test('does not show its keys when it is printed', async () => {
    const { repository } = await exampleVault();
    const shown =
      inspect(repository) +
      JSON.stringify({ ...repository, storage: undefined }, (_, value) =>
        typeof value === 'bigint' ? '' : value,
      );
    expect(shown).not.toContain('encrypt');
    expect(shown).not.toContain('macK');
  });

  test('says what is wrong with a damaged configuration or key file', async () => {
    const storage = memoryStorage();
    const { repository } = await exampleVault(storage);
    const config = storage.files.get('config') as Uint8Array;
    storage.files.set(
      'config',
      config.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    );
    await expect(opens(storage, EXAMPLE_PASSWORD)).rejects.toMatchObject({ code: 'vault.config-damaged' });
    storage.files.set('config', config);
    storage.files.set(`keys/${repository.keyID}`, Buffer.from('{}'));
    await expect(opens(storage, EXAMPLE_PASSWORD)).rejects.toMatchObject({ code: 'vault.key-file-damaged' });
  });
});

describe('passwords', () => {
  test('can be added, listed, changed and removed', async () => {
    const storage = memoryStorage();
    const { repository } = await exampleVault(storage);
    const added = await addKey(repository, { password: other, work: QUICK_WORK });
    const second = await opens(storage, other);
    expect(second.key).toEqual(repository.key);
    expect((await listKeys(second)).map(({ id, isCurrent }) => ({ id, isCurrent }))).toEqual([
      { id: repository.keyID, isCurrent: false },
      { id: added, isCurrent: true },
    ]);
    await removeKey(second, repository.keyID);
    await expect(opens(storage, EXAMPLE_PASSWORD)).rejects.toMatchObject({ code: 'vault.password-wrong' });
    const changed = await changePassword(second, { password: new Secret('third'), work: QUICK_WORK });
    await expect(opens(storage, other)).rejects.toMatchObject({ code: 'vault.password-wrong' });
    expect((await opens(storage, new Secret('third'))).keyID).toBe(changed.keyID);
    expect(changed.key).toEqual(repository.key);
  });

  test('the last one stays', async () => {
    const { repository } = await exampleVault();
    await expect(removeKey(repository, repository.keyID)).rejects.toMatchObject({ code: 'vault.key-in-use' });
    await expect(removeKey(repository, 'a'.repeat(64))).rejects.toMatchObject({ code: 'vault.key-unknown' });
  });

  test.each([
    ['too much memory', { N: 2 ** 24 }, 'vault.key-file-too-costly'],
    ['too many rounds', { p: 1000 }, 'vault.key-file-too-costly'],
    ['no power of two', { N: 1000 }, 'vault.key-file-damaged'],
    ['nothing', { N: 0 }, 'vault.key-file-damaged'],
    ['another derivation', { kdf: 'argon2' }, 'vault.key-file-damaged'],
    ['no salt', { salt: 7 }, 'vault.key-file-damaged'],
  ])('a key file that asks for %s is refused before any work', (_, fields, code) => {
    const file = { kdf: 'scrypt', N: 32768, r: 8, p: 1, salt: 'AA==', data: 'AA==', ...fields };
    expect(() => parseKeyFile(Buffer.from(JSON.stringify(file)))).toThrow(expect.objectContaining({ code }));
  });
});

describe('a record', () => {
  test('comes back as it was', async () => {
    const { repository } = await exampleVault();
    const id = await saveRecord(repository, 'snapshots', { a: ['ü', 1, null] });
    expect(await loadRecord(repository, 'snapshots', id)).toEqual({ a: ['ü', 1, null] });
  });

  test('may be plain JSON, as version 1 wrote it', async () => {
    const storage = memoryStorage();
    const { repository } = await exampleVault(storage);
    const { sealBytes } = await import('../chunks/seal.ts');
    for (const text of ['{"a":1}', '[1]']) {
      const sealed = sealBytes(repository.key, Buffer.from(text));
      await storage.put(`locks/${idOf(sealed)}`, sealed);
      expect(await loadRecord(repository, 'locks', idOf(sealed))).toEqual(JSON.parse(text));
    }
    const unknown = sealBytes(repository.key, Buffer.from([3, 1, 2]));
    await storage.put(`locks/${idOf(unknown)}`, unknown);
    await expect(loadRecord(repository, 'locks', idOf(unknown))).rejects.toMatchObject({
      code: 'vault.record-damaged',
    });
  });

  test('under a name that is not its digest is refused', async () => {
    const storage = memoryStorage();
    const { repository } = await exampleVault(storage);
    const id = await saveRecord(repository, 'locks', {});
    const name = `locks/${'b'.repeat(64)}` as const;
    storage.files.set(name, storage.files.get(`locks/${id}`) as Uint8Array);
    await expect(loadRecord(repository, 'locks', 'b'.repeat(64))).rejects.toMatchObject({
      code: 'vault.record-damaged',
    });
  });
});
