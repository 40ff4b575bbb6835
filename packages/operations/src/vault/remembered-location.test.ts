import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRememberedLocation, rememberLocation } from './remembered-location.ts';
import { parseVaultLocation } from './vault-location.ts';

const REPOSITORY = 'ab'.repeat(32);

let vaults: string;
beforeAll(async () => {
  vaults = join(await mkdtemp(join(tmpdir(), 'rootcellar-locations-')), 'vaults');
});
afterAll(() => rm(join(vaults, '..'), { recursive: true, force: true }));

test('a location is remembered until another one is', async () => {
  expect(await readRememberedLocation(vaults, 'phone')).toBeUndefined();
  for (const text of ['rest:http://ann@nas:8000/phone/', 's3:https://host/bucket/phone']) {
    const location = parseVaultLocation(text);
    await rememberLocation(vaults, 'phone', { location, repository: REPOSITORY });
    expect(await readRememberedLocation(vaults, 'phone')).toEqual({ location, repository: REPOSITORY });
    const file = join(vaults, 'phone.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      version: 1,
      location: text,
      repository: REPOSITORY,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  expect(await readdir(vaults)).toEqual(['phone.json']);
});

test.each([
  ['', 'damaged'],
  ['[]', 'damaged'],
  [`{"version":1,"location":"ftp://host/","repository":"${REPOSITORY}"}`, 'damaged'],
  [`{"version":1,"location":"rest:http://ann:quince@host/","repository":"${REPOSITORY}"}`, 'damaged'],
  ['{"version":1,"location":"/vault","repository":"x"}', 'damaged'],
  ['{"version":2,"place":"moon"}', 'newer'],
])('what is no such note is an error, and never taken for "none": %s', async (text, ending) => {
  await writeFile(join(vaults, 'odd.json'), text);
  await expect(readRememberedLocation(vaults, 'odd')).rejects.toMatchObject({
    code: `operation.location-file-${ending}`,
  });
});
