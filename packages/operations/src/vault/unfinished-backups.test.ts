import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unfinishedBackups } from './unfinished-backups.ts';

const UDID = '00008120-0001A2B3C4D5E6F7';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'rootcellar-unfinished-'));
  const staging = join(dataFolder, 'staging', UDID);
  await mkdir(join(staging, 'new'), { recursive: true });
  await writeFile(join(staging, 'about'), '{}');
  const info = '<plist><dict><key>Device Name</key><string>Orchard</string></dict></plist>';
  await writeFile(join(staging, 'new', 'Info.plist'), info);
});
afterEach(() => rm(dataFolder, { recursive: true }));

test('what is left of a backup has the name of its iPhone: from an earlier one, else from what arrived', async () => {
  const named = async (name: string | undefined) =>
    (await unfinishedBackups(dataFolder, () => name)).map(({ deviceName }) => deviceName);
  expect(await named('Ann’s iPhone')).toEqual(['Ann’s iPhone']);
  expect(await named(undefined)).toEqual(['Orchard']);
  await rm(join(dataFolder, 'staging', UDID, 'new', 'Info.plist'));
  expect(await named(undefined)).toEqual([undefined]);
});
