import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ReadableTree, ROOT, Secret, type TreePath } from '@rootcellar/core';
import { exportFolder, importFolder, type Kept, verifyDeviceBackup } from '@rootcellar/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  EXAMPLE_UDID,
  type ExampleFile,
  exampleBackup,
  exampleBlobPath,
  PHOTO,
} from '../../packages/backup/src/example-backup.ts';

const PASSWORD = 'Quitte im Glas';
const password = async () => new Secret(PASSWORD);

/** Whoever copies without them gives all files the same date. */
const EVEN_DATE = new Date('2026-05-03T08:00:00Z');

/** Nobody can see from outside which of the two it is. */
const NOTE: ExampleFile = {
  domain: 'HomeDomain',
  relativePath: 'Library/note.txt',
  content: Buffer.from('first text!'),
  withDigest: true,
};
const EDITED: ExampleFile = { ...NOTE, content: Buffer.from('other text!') };

let home: string;
let folder: string;
let dataFolder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rootcellar-again-'));
  folder = join(home, EXAMPLE_UDID);
  dataFolder = join(home, 'data');
});
afterEach(() => rm(home, { recursive: true }));

describe.each<[what: string, encrypted: boolean, keep: Kept, readAgain: number]>([
  ['a plain backup', false, 'sealed', 1],
  ['an encrypted backup, kept small', true, 'small', 1],
  // Without its password nobody can tell which.
  ['an encrypted backup as it was sent', true, 'sealed', 2],
])('importing %s again, all files of one date', (_, encrypted, keep, readAgain) => {
  const take = (full = false) => importFolder({ dataFolder, folder, keep, password, full });
  const lay = async (...files: readonly ExampleFile[]) =>
    layOut(await exampleBackup({ files, ...(encrypted && { password: PASSWORD }) }));

  test('an edit of the same size is taken in with the list of files that tells of it', async () => {
    await lay(PHOTO, NOTE);
    await take();
    await lay(PHOTO, EDITED);
    const inFolder = await bytesOf(folder, EDITED);
    const { snapshot } = await take();
    const to = join(home, 'exported');
    const exported = await exportFolder({ dataFolder, what: snapshot, to });
    expect(await bytesOf(exported.folder, EDITED)).toEqual(inFolder);
    const verified = await verifyDeviceBackup(snapshot, { dataFolder, password });
    expect(verified).toMatchObject({ verdict: expect.stringContaining('whole'), findings: [] });
    const manifest = 'Manifest.db';
    expect(await readFile(join(exported.folder, manifest))).toEqual(await readFile(join(folder, manifest)));
  });

  test('blobs are not read that nobody can have edited, unless all are to be', async () => {
    await lay(PHOTO, NOTE);
    await take();
    const unchanged = await take();
    await lay(PHOTO, EDITED);
    const edited = await take();
    const full = await take(true);
    const onlyBlobs = ({ filesRead }: { readonly filesRead: number }) => filesRead - unchanged.filesRead;
    expect(onlyBlobs(edited)).toBe(readAgain);
    expect(onlyBlobs(full)).toBe(2);
  });
});

test('an edit that the list of files does not tell of is seen by reading all', async () => {
  await layOut(await exampleBackup({ files: [{ ...NOTE, withDigest: false }] }));
  await importFolder({ dataFolder, folder });
  await layOut(await exampleBackup({ files: [{ ...EDITED, withDigest: false }] }));
  const { snapshot } = await importFolder({ dataFolder, folder, full: true });
  const { folder: exported } = await exportFolder({ dataFolder, what: snapshot, to: join(home, 'exported') });
  expect((await bytesOf(exported, EDITED)).toString()).toBe('other text!');
});

const bytesOf = (backup: string, file: ExampleFile) => readFile(join(backup, exampleBlobPath(file)));

async function layOut(tree: ReadableTree): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for await (const [path, content] of filesOf(tree)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await utimes(file, EVEN_DATE, EVEN_DATE);
  }
}

async function* filesOf(tree: ReadableTree, below: TreePath = ROOT): AsyncGenerator<[TreePath, Buffer]> {
  for await (const { path, kind } of tree.list(below)) {
    if (kind === 'folder') yield* filesOf(tree, path);
    else yield [path, Buffer.concat(await Array.fromAsync(tree.read(path)))];
  }
}
