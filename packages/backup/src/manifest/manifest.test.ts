import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { encodeBinaryPlist } from '@rootcellar/codecs';
import { folderTree, treePath } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  archiveRecord,
  type ExampleOptions,
  exampleBackup,
  insert,
  PHOTO,
  write,
} from '../example-backup.ts';
import type { Finding } from '../finding.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import { type Manifest, openManifest } from './manifest.ts';

const REAL_ROWS = fileURLToPath(
  new URL('../../../../tests/fixtures/backup-rows-of-ios-16/folder', import.meta.url),
);

let temporaryFolder: string;
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'rootcellar-test-'));
});
afterEach(() => rm(temporaryFolder, { recursive: true }));

describe('openManifest', () => {
  it('reads the rows of a real device without touching its folder', async () => {
    const before = await readdir(REAL_ROWS);
    await using(await openManifest(folderTree(REAL_ROWS), { temporaryFolder }), (manifest) => {
      expect(manifest.count()).toBe(6);
      expect(manifest.isKnownVersion).toBe(true);
      expect(manifest.isSound()).toBe(true);
      const entries = [...manifest.entries()];
      expect(entries.map(({ kind }) => kind).sort()).toEqual([
        'file',
        'folder',
        'folder',
        'folder',
        'folder',
        'link',
      ]);
      expect(entries.find(({ kind }) => kind === 'link')?.target).toBe(
        '/var/db/timezone/zoneinfo/America/Vancouver',
      );
      const file = entries.find(({ kind }) => kind === 'file');
      expect(file).toMatchObject({ sizeBytes: 1562, mode: 0o100600, protectionClass: 3, digest: undefined });
      expect(file?.modifiedAt).toEqual(new Date('2023-04-21T20:32:33Z'));
    });
    expect(await readdir(REAL_ROWS)).toEqual(before);
  });

  it('keeps its copy private and removes it at the end', async () => {
    const manifest = await openManifest(await exampleBackup(), { temporaryFolder });
    const [folder] = await readdir(temporaryFolder);
    expect((await stat(join(temporaryFolder, folder as string, 'Manifest.db'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(temporaryFolder, folder as string))).mode & 0o777).toBe(0o700);
    await manifest.close();
    await manifest.close();
    expect(await readdir(temporaryFolder)).toEqual([]);
    expect(() => manifest.count()).toThrow(expect.objectContaining({ code: 'backup.manifest-closed' }));
  });

  it.each<[name: string, content: Uint8Array, code: string]>([
    ['empty', new Uint8Array(), 'backup.manifest-empty'],
    ['other bytes', Buffer.from('this is no database at all'), 'backup.manifest-damaged'],
    ['a database header and nothing else', Buffer.from('SQLite format 3\0'), 'backup.manifest-damaged'],
    ['cut short', Buffer.alloc(2048, 'SQLite format 3\0'), 'backup.manifest-damaged'],
  ])('refuses a list that is %s, and leaves nothing behind', async (_, content, code) => {
    const tree = await exampleBackup();
    await write(tree, treePath('Manifest.db'), content);
    await expect(openManifest(tree, { temporaryFolder })).rejects.toMatchObject({ code });
    expect(await readdir(temporaryFolder)).toEqual([]);
  });

  it('tells a missing list and an encrypted one from a damaged one', async () => {
    const tree = await exampleBackup({ manifestPlist: { IsEncrypted: true } });
    await write(tree, treePath('Manifest.db'), Buffer.alloc(4096, 7));
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-encrypted' });
    await tree.remove(treePath('Manifest.db'));
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-missing' });
  });

  it('stops when told to', async () => {
    const stopped = openManifest(await exampleBackup(), { temporaryFolder, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(temporaryFolder)).toEqual([]);
  });

  it.each([
    [
      'a view that never ends',
      'CREATE VIEW Files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT * FROM n',
    ],
    ['missing columns', 'CREATE TABLE Files (fileID TEXT PRIMARY KEY)'],
    ['no table', 'SELECT 1'],
    [
      'computed columns',
      `CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, flags INTEGER,
       file BLOB AS (zeroblob(100000)))`,
    ],
  ])('refuses %s', async (_, sql) => {
    const changeManifest = (database: DatabaseSync) => database.exec(`DROP TABLE Files; ${sql}`);
    await expect(openManifest(await exampleBackup({ changeManifest }))).rejects.toMatchObject({
      code: 'backup.manifest-damaged',
    });
  });
});

describe('entries', () => {
  it('come in the order of their names, in full or by domain, place and number', async () => {
    await withManifest({}, (manifest) => {
      const all = [...manifest.entries()].map(({ fileID }) => fileID);
      expect(all).toEqual([...all].sort());
      expect(all).toHaveLength(5);
      expect([...manifest.entries({ limit: 2 })].map(({ fileID }) => fileID)).toEqual(all.slice(0, 2));
      const rest = manifest.entries({ afterFileID: all[1] as string, throughFileID: all[3] as string });
      expect([...rest].map(({ fileID }) => fileID)).toEqual(all.slice(2, 4));
      expect([...manifest.entries({ domain: PHOTO.domain })]).toHaveLength(1);
      expect(manifest.count({ domain: 'HomeDomain' })).toBe(3);
      expect(manifest.domains()).toEqual(['AppDomain-com.example.app', 'CameraRollDomain', 'HomeDomain']);
      expect(manifest.entry(fileIDOf(PHOTO.domain, PHOTO.relativePath))?.sizeBytes).toBe(5000);
      expect(manifest.entry('nothing')).toBeUndefined();
    });
  });

  it('come page by page when there are thousands', async () => {
    const changeManifest = (database: DatabaseSync) => {
      database.exec('BEGIN');
      for (let index = 0; index < 2500; index++)
        insert(database, 'HomeDomain', `f${index}`, 2, { Mode: 0o040755 });
      database.exec('COMMIT');
    };
    await withManifest({ changeManifest }, (manifest) => {
      expect(new Set([...manifest.entries()].map(({ fileID }) => fileID)).size).toBe(2505);
    });
  });

  it('come to an end although the index leads in a circle', async () => {
    const collation = ' COLLATE NOCASE';
    const changeManifest = (database: DatabaseSync) => {
      const columns = 'domain TEXT, relativePath TEXT, flags INTEGER, file BLOB';
      database.exec(`DROP TABLE Files; CREATE TABLE Files (fileID TEXT PRIMARY KEY${collation}, ${columns});
        WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 800)
        INSERT INTO Files (fileID) SELECT 'a' || i FROM n UNION ALL SELECT 'B' || i FROM n`);
    };
    const tree = await exampleBackup({ files: [], changeManifest });
    const path = treePath('Manifest.db');
    const bytes = Buffer.concat(await Array.fromAsync(tree.read(path)));
    // The index was made for one order, and is said to have another.
    bytes.fill(' ', bytes.indexOf(collation), bytes.indexOf(collation) + collation.length);
    await write(tree, path, bytes);
    await using(await openManifest(tree, { temporaryFolder }), (manifest) => {
      expect(() => [...manifest.entries()]).toThrow(
        expect.objectContaining({ code: 'backup.manifest-damaged' }),
      );
    });
  });

  it('hold what the record says', async () => {
    const attributes = encodeBinaryPlist({ 'com.apple.test': new Uint8Array([1, 2]) });
    const changeManifest = (database: DatabaseSync) =>
      insert(database, 'RootDomain', 'x', 1, {
        Mode: 0o100600,
        Size: 2 ** 40,
        InodeNumber: 2n ** 62n,
        GroupID: 2 ** 32 - 2,
        UserID: -2,
        ExtendedAttributes: attributes,
        EncryptionKey: new Uint8Array(44),
        Unknown: 'kept by others',
      });
    await withManifest({ changeManifest }, (manifest) => {
      const [entry] = [...manifest.entries({ domain: 'RootDomain' })];
      expect(entry).toMatchObject({
        sizeBytes: 2 ** 40,
        inode: 2n ** 62n,
        groupID: -2,
        userID: -2,
        flags: 0,
      });
      expect(entry?.extendedAttributes?.get('com.apple.test')).toEqual(new Uint8Array([1, 2]));
      expect(entry?.encryptionKey).toHaveLength(44);
    });
  });

  it('leave out rows that are none, and say why', async () => {
    const id = (digit: string) => digit.repeat(40);
    const changeManifest = (database: DatabaseSync) => {
      const row = database.prepare('INSERT INTO Files VALUES (?, ?, ?, ?, ?)');
      const record = archiveRecord({ RelativePath: 'x', Mode: 0o100644 });
      row.run(id('0'), null, 'x', 1, record);
      row.run(id('1'), 'HomeDomain', null, 1, record);
      row.run(id('2'), 'HomeDomain', 'x', 1, null);
      row.run(id('3'), 'HomeDomain', 'x', 1, new Uint8Array([1, 2, 3]));
      row.run(id('4'), 'HomeDomain', 'x', 1, Buffer.alloc(200_000));
      row.run('../../etc/passwd', 'HomeDomain', 'x', 1, record);
      row.run(id('5'), 'HomeDomain', 'x', 0, archiveRecord({ Mode: 7 }));
      row.run(id('6'), 'HomeDomain', 'x', 'one', record);
      row.run(id('7'), 'HomeDomain', 'another', 1, record);
      row.run(id('8'), 'HomeDomain', 'x', 2n ** 62n + 1n, record);
      row.run(null, 'HomeDomain', 'x', 1, record);
      row.run(new Uint8Array([1]), 'HomeDomain', 'x', 1, record);
    };
    await withManifest({ files: [], changeManifest }, (manifest) => {
      const findings: Finding[] = [];
      const entries = [...manifest.entries({ onFinding: (found) => findings.push(found) })];
      expect(findings.map(({ code, fileID }) => [code, fileID?.[0]])).toEqual([
        ['row-unreadable', undefined],
        ['row-incomplete', '0'],
        ['row-incomplete', '1'],
        ['row-incomplete', '2'],
        ['row-unreadable', '3'],
        ['row-incomplete', '4'],
        ['row-unreadable', '5'],
        ['row-contradicts-itself', '7'],
      ]);
      // The mode tells the kind where the flags do not; higher flags belong to a running session.
      expect(entries.filter(({ kind }) => kind === 'file').map(({ fileID }) => fileID[0])).toEqual([
        '6',
        '7',
        '8',
      ]);
      expect(manifest.countWithoutID()).toBe(2);
    });
  });
});

async function withManifest(options: ExampleOptions, use: (manifest: Manifest) => void): Promise<void> {
  await using(await openManifest(await exampleBackup(options), { temporaryFolder }), use);
}

async function using(manifest: Manifest, use: (manifest: Manifest) => void): Promise<void> {
  try {
    use(manifest);
  } finally {
    await manifest.close();
  }
}
