import { expect, test } from 'vitest';
import { DATABASE, type ExampleFile, exampleBackup, PHOTO, PREFERENCES } from '../example-backup.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import { openManifest } from '../manifest/manifest.ts';
import { fileIDsOfEqualRows } from './equal-rows.ts';

const idOf = ({ domain, relativePath }: ExampleFile) => fileIDOf(domain, relativePath);

async function equalFiles(
  before: readonly ExampleFile[],
  after: Parameters<typeof exampleBackup>[0],
): Promise<readonly ExampleFile[]> {
  const old = await openManifest(await exampleBackup({ files: before }));
  const young = await openManifest(await exampleBackup(after));
  try {
    const equal = fileIDsOfEqualRows(old, young);
    return [PHOTO, PREFERENCES, DATABASE].filter((file) => equal.has(idOf(file)));
  } finally {
    await old.close();
    await young.close();
  }
}

test('rows that say the same are equal, whatever comes before, between and after them', async () => {
  const all = [PHOTO, PREFERENCES, DATABASE];
  expect(await equalFiles(all, { files: all })).toEqual(all);
  expect(await equalFiles([], { files: all })).toEqual([]);
  for (const left of all) {
    const others = all.filter((file) => file !== left);
    expect(await equalFiles(others, { files: all })).toEqual(others);
    expect(await equalFiles(all, { files: others })).toEqual(others);
  }
});

test('a row is another one with another digest, size, flag or domain', async () => {
  const content = PREFERENCES.content.map((byte) => byte ^ 1);
  expect(await equalFiles([PREFERENCES], { files: [{ ...PREFERENCES, content }] })).toEqual([]);
  expect(await equalFiles([PHOTO], { files: [{ ...PHOTO, sizeBytes: 4999 }] })).toEqual([]);
  for (const change of ['flags = 5', "domain = 'RootDomain'", "relativePath = 'x'", 'file = NULL']) {
    const changeManifest = (database: { exec(sql: string): void }) =>
      database.exec(`UPDATE Files SET ${change} WHERE fileID = '${idOf(PHOTO)}'`);
    expect(await equalFiles([PHOTO, DATABASE], { files: [PHOTO, DATABASE], changeManifest })).toEqual([
      DATABASE,
    ]);
  }
});

test('a record that is too large to be read equals none', async () => {
  const changeManifest = (database: { exec(sql: string): void }) =>
    database.exec('UPDATE Files SET file = zeroblob(70000)');
  const old = await openManifest(await exampleBackup({ changeManifest }));
  expect(fileIDsOfEqualRows(old, old).size).toBe(0);
  await old.close();
});
