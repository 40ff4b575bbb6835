import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MemoryKeyStore, memoryKeyStore } from './memory-key-store.ts';
import {
  keepSecret,
  moveSecret,
  placeOfSecret,
  readSecret,
  replaceSecret,
  type SecretName,
} from './secret-store.ts';

const quince = new Secret('QUIN-CE42');
const SYSTEM = { ROOTCELLAR_KEY_STORE: 'system' };
const IN_FILES = { ROOTCELLAR_KEY_STORE: 'file' };

let folder: string;
let name: SecretName;
let keyStore: MemoryKeyStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-secrets-'));
  name = { file: join(folder, 'keys', 'phone'), label: 'key of a phone' };
  keyStore = memoryKeyStore();
});
afterEach(() => rm(folder, { recursive: true }));

const keep = (secret = quince, environment: NodeJS.ProcessEnv = SYSTEM) =>
  keepSecret(name, secret, { keyStore, environment });
const read = async () => (await readSecret(name, { keyStore }))?.reveal();
const names = () => readdir(join(folder, 'keys'));
const texts = () => [...keyStore.items.values()].map(({ text }) => text);
const failure = (code: string) => ({ code: `operation.${code}` });

describe('a secret in the key store', () => {
  test('leaves a note in the data folder, and nothing else', async () => {
    expect(await keep()).toBe('system');
    expect(await names()).toEqual(['phone.in-key-store']);
    const note = await readFile(`${name.file}.in-key-store`, 'utf8');
    expect(note).not.toContain('QUIN');
    expect([...keyStore.items.entries()]).toEqual([
      [JSON.parse(note).item, { label: 'key of a phone', text: 'QUIN-CE42' }],
    ]);
    expect(await read()).toBe('QUIN-CE42');
    expect(placeOfSecret(name)).toBe('system');
  });

  test.each([
    ['locked', 'key-store-locked'],
    ['absent', 'key-store-out-of-reach'],
  ] as const)('is not taken for none while the key store is %s', async (state, code) => {
    await keep();
    keyStore.become(state);
    await expect(read()).rejects.toMatchObject(failure(code));
    keyStore.become('open');
    expect(await read()).toBe('QUIN-CE42');
  });

  test('that is gone from there is lost, not none', async () => {
    await keep();
    keyStore.items.clear();
    await expect(read()).rejects.toMatchObject(failure('key-store-lost'));
  });

  test.each(['', '{', '{"version":2}', '{"version":1,"item":"../x"}'])(
    'is not guessed from a damaged note: %s',
    async (text) => {
      await mkdir(join(folder, 'keys'));
      await writeFile(`${name.file}.in-key-store`, text);
      await expect(read()).rejects.toMatchObject(failure('key-store-note-damaged'));
    },
  );

  test('that is followed by another stays there: it may open a copy of the vault', async () => {
    await keep();
    await keep(new Secret('medlar'));
    expect(await read()).toBe('medlar');
    expect(texts()).toEqual(['QUIN-CE42', 'medlar']);
  });

  test.each(['two words', 'Zwölf Äpfel\nund Birnen', 'base64:QQ==', '{"a":" "}'])(
    'comes out as it went in, as printable text: %j',
    async (text) => {
      await keep(new Secret(text));
      expect(await read()).toBe(text);
      expect(texts()[0]).toMatch(/^[\x21-\x7e]+$/);
    },
  );
});

describe('a secret in a file', () => {
  test('is readable by its owner alone', async () => {
    expect(await keep(quince, IN_FILES)).toBe('file');
    expect(await readFile(name.file, 'utf8')).toBe('QUIN-CE42\n');
    expect((await stat(name.file)).mode & 0o777).toBe(0o600);
    expect(await read()).toBe('QUIN-CE42');
    expect(keyStore.items.size).toBe(0);
  });

  test('counts where both are there, because a move was interrupted', async () => {
    await keep();
    await writeFile(name.file, 'medlar\n');
    expect(await read()).toBe('medlar');
    expect(placeOfSecret(name)).toBe('file');
  });

  test('is followed by one in the key store', async () => {
    await keep(quince, IN_FILES);
    await keep(new Secret('medlar'));
    expect(existsSync(name.file)).toBe(false);
    expect(await read()).toBe('medlar');
  });

  test('is set aside under another name, as is a note', async () => {
    await keep();
    await writeFile(name.file, 'medlar\n');
    await replaceSecret(name, new Secret('rowan'), { keyStore, environment: IN_FILES });
    expect(await read()).toBe('rowan');
    expect((await names()).map((one) => one.replace(/\d+$/, ''))).toEqual([
      'phone',
      'phone.before-',
      'phone.in-key-store.before-',
    ]);
    expect(texts()).toEqual(['QUIN-CE42']);
  });
});

describe('a secret that cannot be replaced', () => {
  const replace = () => replaceSecret(name, new Secret('medlar'), { keyStore, environment: SYSTEM });

  test.each([
    ['note', SYSTEM, 'phone.in-key-store'],
    ['file', IN_FILES, 'phone'],
  ])('is where it was while the key store is locked: a %s', async (_, environment, left) => {
    await keep(quince, environment);
    keyStore.become('locked');
    await expect(replace()).rejects.toMatchObject(failure('key-store-locked'));
    expect(await names()).toEqual([left]);
    keyStore.become('open');
    expect(await read()).toBe('QUIN-CE42');
  });

  test('is back where it was when the key store does not give back the new one', async () => {
    await keep();
    keyStore.forge = true;
    await expect(replace()).rejects.toMatchObject(failure('key-store-failed'));
    expect(await names()).toEqual(['phone.in-key-store']);
    expect(await read()).toBe('QUIN-CE42');
  });
});

describe('moving', () => {
  test('goes to the key store and back, and leaves nothing behind', async () => {
    await keep(quince, IN_FILES);
    expect(await moveSecret(name, 'system', { keyStore })).toBe(true);
    expect(await names()).toEqual(['phone.in-key-store']);
    expect(await moveSecret(name, 'system', { keyStore })).toBe(false);
    expect(await moveSecret(name, 'file', { keyStore })).toBe(true);
    expect(await names()).toEqual(['phone']);
    expect(keyStore.items.size).toBe(0);
    expect(await read()).toBe('QUIN-CE42');
  });

  test('leaves the file alone until the key store gives back what it took', async () => {
    await keep(quince, IN_FILES);
    keyStore.forge = true;
    const moving = moveSecret(name, 'system', { keyStore });
    await expect(moving).rejects.toMatchObject(failure('key-store-failed'));
    expect(await names()).toEqual(['phone']);
    expect(await read()).toBe('QUIN-CE42');
  });

  test('does nothing while the key store is locked', async () => {
    await keep(quince, IN_FILES);
    keyStore.become('locked');
    await expect(moveSecret(name, 'system', { keyStore })).rejects.toMatchObject(failure('key-store-locked'));
    expect(await names()).toEqual(['phone']);
  });

  test('to a file is brought to its end if it was interrupted', async () => {
    await keep();
    await writeFile(name.file, 'QUIN-CE42\n');
    expect(await moveSecret(name, 'file', { keyStore })).toBe(true);
    expect(await names()).toEqual(['phone']);
    expect(keyStore.items.size).toBe(0);
    expect(await moveSecret(name, 'file', { keyStore })).toBe(false);
  });

  test('what is not there moves nothing', async () => {
    expect(await moveSecret(name, 'system', { keyStore })).toBe(false);
  });
});
