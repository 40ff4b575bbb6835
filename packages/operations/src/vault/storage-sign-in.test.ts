import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret } from '@rootcellar/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryKeyStore } from '../secrets/memory-key-store.ts';
import { findSignIn, type StorageSignIn, saveSignIn } from './storage-sign-in.ts';
import { parseVaultLocation } from './vault-location.ts';

const S3 = parseVaultLocation('s3:http://nas:9000/cellar');
const REST = parseVaultLocation('rest:http://nas:8000/');
const OF_ANN = parseVaultLocation('rest:http://ann@nas:8000/');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-sign-in-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** With nothing else around: no file of profiles of whoever runs this. */
const find = (location = S3, environment: NodeJS.ProcessEnv = {}, udid = 'phone') =>
  findSignIn(location, {
    dataFolder: folder,
    udid,
    environment: { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'), ...environment },
  });

/** With its secrets, to compare. */
const revealed = (signIn: StorageSignIn | undefined) =>
  signIn &&
  Object.fromEntries(
    Object.entries(signIn).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );

const KEYS = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'quince' };

describe('what signs in at S3', () => {
  test('comes from the environment', async () => {
    const lent = { ...KEYS, AWS_SESSION_TOKEN: 'lent', AWS_DEFAULT_REGION: 'eu-north-1' };
    expect(revealed(await find(S3, lent))).toEqual({
      kind: 's3',
      accessKeyID: 'AKID',
      secretAccessKey: 'quince',
      sessionToken: 'lent',
      region: 'eu-north-1',
    });
    expect(await find(S3, { AWS_ACCESS_KEY_ID: 'AKID' })).toBeUndefined();
  });

  test('comes from the file of profiles, by name or the default one', async () => {
    const file = join(folder, 'credentials');
    const lines = [
      '# of Ann',
      '[default]',
      'aws_access_key_id = AKID1',
      'aws_secret_access_key=medlar/=+',
      'region = eu-west-1',
      '',
      '[ work ]',
      'aws_access_key_id=AKID2',
      'aws_secret_access_key=rowan',
      'aws_session_token=lent',
      '[half]',
      'aws_access_key_id=AKID3',
    ];
    await writeFile(file, lines.join('\r\n'));
    const inFile = { AWS_SHARED_CREDENTIALS_FILE: file };
    expect(revealed(await find(S3, inFile))).toMatchObject({
      accessKeyID: 'AKID1',
      secretAccessKey: 'medlar/=+',
      region: 'eu-west-1',
    });
    expect(revealed(await find(S3, { ...inFile, AWS_PROFILE: 'work' }))).toMatchObject({
      accessKeyID: 'AKID2',
      sessionToken: 'lent',
    });
    expect(await find(S3, { ...inFile, AWS_PROFILE: 'half' })).toBeUndefined();
    expect(await find(S3, { AWS_SHARED_CREDENTIALS_FILE: folder })).toBeUndefined();
  });

  test('that was saved for this vault goes before a profile that is there for something else', async () => {
    const saved = { kind: 's3', accessKeyID: 'AKID4', secretAccessKey: new Secret('sloe') } as const;
    await saveSignIn(saved, { dataFolder: folder, udid: 'other' });
    const inFile = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') };
    expect(await find(S3, inFile, 'other')).toMatchObject({ accessKeyID: 'AKID4' });
    expect(await find(S3, { ...inFile, AWS_PROFILE: 'work' }, 'other')).toMatchObject({
      accessKeyID: 'AKID2',
    });
    expect(await find(S3, { ...inFile, ...KEYS }, 'other')).toMatchObject({ accessKeyID: 'AKID' });
    expect(await find(REST, {}, 'other')).toBeUndefined();
  });
});

describe('what signs in at a REST server', () => {
  test('comes from the environment; the name in the location goes first', async () => {
    const environment = { RESTIC_REST_USERNAME: 'bob', RESTIC_REST_PASSWORD: 'quince' };
    expect(revealed(await find(REST, environment))).toEqual({
      kind: 'rest',
      username: 'bob',
      password: 'quince',
    });
    expect(await find(OF_ANN, environment)).toMatchObject({ username: 'ann' });
    expect(await find(OF_ANN, { RESTIC_REST_USERNAME: 'bob' })).toBeUndefined();
  });

  test('is saved where its owner alone reads it', async () => {
    const signIn = { kind: 'rest', username: 'ann', password: new Secret('quince') } as const;
    await saveSignIn(signIn, { dataFolder: folder, udid: 'phone' });
    expect((await stat(join(folder, 'keys', 'phone.storage.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
    expect(revealed(await find(REST))).toEqual({ kind: 'rest', username: 'ann', password: 'quince' });
    const ofNobody = { dataFolder: folder, udid: undefined, environment: {} };
    expect(await findSignIn(REST, ofNobody)).toBeUndefined();
    expect(inspect(await find(REST), { depth: 9 })).not.toContain('quince');
  });

  test.each(['', '{', '{"version":2}', '{"version":1,"kind":"rest","username":"ann","password":7}'])(
    'is not guessed from a damaged file: %s',
    async (text) => {
      await mkdir(join(folder, 'keys'), { recursive: true });
      await writeFile(join(folder, 'keys', 'phone.storage.json'), text);
      await expect(find(REST)).rejects.toMatchObject({ code: 'operation.sign-in-damaged' });
    },
  );
});

test('what signs in is saved in the key store, where secrets go there', async () => {
  const keyStore = memoryKeyStore();
  const whose = {
    dataFolder: folder,
    udid: 'kept',
    keyStore,
    environment: { ROOTCELLAR_KEY_STORE: 'system' },
  };
  const signIn = { kind: 'rest', username: 'ann of the orchard', password: new Secret('Äpfel') } as const;
  await saveSignIn(signIn, whose);
  expect(await readdir(join(folder, 'keys'))).toContain('kept.storage.json.in-key-store');
  expect(await readdir(join(folder, 'keys'))).not.toContain('kept.storage.json');
  expect(revealed(await findSignIn(REST, whose))).toMatchObject({
    username: 'ann of the orchard',
    password: 'Äpfel',
  });
  keyStore.become('locked');
  await expect(findSignIn(REST, whose)).rejects.toMatchObject({ code: 'operation.key-store-locked' });
});

test('a folder needs nothing', async () => {
  expect(await find(parseVaultLocation('/tmp'), { ...KEYS, RESTIC_REST_PASSWORD: 'quince' })).toBeUndefined();
});
