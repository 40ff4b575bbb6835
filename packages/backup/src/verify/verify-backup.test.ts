import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { encodeXmlPlist, keyedMutableData, type PlistDict } from '@rootcellar/codecs';
import {
  defineErrors,
  folderTree,
  type KnownError,
  nameOf,
  type ReadableTree,
  treeError,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DATABASE,
  type ExampleFile,
  exampleBackup,
  exampleBlobPath,
  insert,
  PHOTO,
  PREFERENCES,
  write,
} from '../example-backup.ts';
import { exampleEncryption } from '../example-encryption.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import type { Verdict, Verification } from './verification.ts';
import { checkWhole, verifyBackup } from './verify-backup.ts';

const FIXTURES = new URL('../../../../tests/fixtures/', import.meta.url);

describe('verifyBackup', () => {
  it('finds a whole backup whole, and says how each file was checked', async () => {
    const verification = await verifyBackup(await exampleBackup());
    expect(verification).toEqual({
      verdict: 'whole',
      files: 3,
      bytes: PHOTO.content.length + PREFERENCES.content.length + DATABASE.content.length,
      checkedBy: { digest: 1, structure: 1, length: 1 },
      findings: [],
      findingsLeftOut: 0,
    });
  });

  it('finds the small backup of the fixtures whole', async () => {
    const folder = fixture('backup-plain/00008120-0001A2B3C4D5E6F7');
    expect(await verifyBackup(folder)).toMatchObject({
      verdict: 'whole',
      files: 6,
      bytes: 396_387,
      checkedBy: { digest: 3, structure: 0, length: 3 },
    });
  });

  it('does not call rows without a finished status whole', async () => {
    const verification = await verifyBackup(fixture('backup-rows-of-ios-16/folder'));
    expect(verification).toMatchObject({ verdict: 'cannot-tell', files: 1, bytes: 1562 });
    expect(codesOf(verification)).toEqual(['status-unknown']);
  });

  it.each<[what: string, change: (tree: WritableTree) => Promise<void>, verdict: Verdict, codes: string[]]>([
    ['a missing blob', remove(exampleBlobPath(PHOTO)), 'damaged', ['blob-missing']],
    ['a flipped bit where there is a digest', flipBit(PREFERENCES), 'damaged', ['digest-wrong']],
    ['a file cut short where there is a digest', cut(PREFERENCES, 3), 'damaged', ['digest-wrong']],
    ['a file emptied by a cloud folder', cut(PHOTO, 0), 'cannot-tell', ['blob-empty']],
    ['an emptied file where there is a digest', cut(PREFERENCES, 0), 'damaged', ['digest-wrong']],
    ['a photo cut short', cut(PHOTO, 1000), 'cannot-tell', ['length-differs']],
    ['a database cut short', cut(DATABASE, 5000), 'cannot-tell', ['database-cut-short']],
    ['a missing Info.plist', remove('Info.plist'), 'incomplete', ['info-unreadable']],
    ['a missing Status.plist', remove('Status.plist'), 'incomplete', ['status-unreadable']],
    ['an empty Manifest.plist', replace('Manifest.plist', ''), 'damaged', ['manifest-plist-unreadable']],
    ['a damaged Manifest.plist', replace('Manifest.plist', 'x'), 'damaged', ['manifest-plist-unreadable']],
    ['a missing Manifest.db', remove('Manifest.db'), 'incomplete', ['manifest-missing']],
    ['an empty Manifest.db', replace('Manifest.db', ''), 'damaged', ['manifest-unreadable']],
    ['a Manifest.db of other bytes', replace('Manifest.db', 'x'), 'damaged', ['manifest-unreadable']],
    ['a journal beside Manifest.db', replace('Manifest.db-wal', 'x'), 'cannot-tell', ['manifest-journal']],
    ['a left-over Snapshot', replace('Snapshot/Status.plist', 'x'), 'whole', ['snapshot-left-over']],
    ['a blob that no row names', replace(`aa/${'a'.repeat(40)}`, 'x'), 'whole', ['blob-without-row']],
    ['strange names', replace('aa/.DS_Store', 'x'), 'whole', ['name-unexpected']],
    ['a blob in the wrong folder', replace(`ab/${'a'.repeat(40)}`, 'x'), 'whole', ['blob-misplaced']],
    ['a file where a folder should be', replace('ab', 'x'), 'whole', ['name-unexpected']],
    ['content of a link', replace(blobOf('HomeDomain', 'link'), 'x'), 'whole', ['blob-of-no-file']],
    ['two devices', otherDevice, 'cannot-tell', ['identities-differ']],
  ])('finds %s', async (_, change, verdict, codes) => {
    const tree = await exampleBackup();
    await change(tree);
    const verification = await verifyBackup(tree);
    expect(codesOf(verification)).toEqual(codes);
    expect(verification.verdict).toBe(verdict);
  });

  it.each(['uploading', 'moving', 'removing'])(
    'calls a backup in the state %s incomplete',
    async (SnapshotState) => {
      const verification = await verifyBackup(await exampleBackup({ status: { SnapshotState } }));
      expect(verification.verdict).toBe('incomplete');
      expect(codesOf(verification)).toEqual(['not-finished']);
    },
  );

  it('takes a compacted database for what it is', async () => {
    const files = [{ ...DATABASE, sizeBytes: DATABASE.content.length * 3 }];
    const verification = await verifyBackup(await exampleBackup({ files }));
    expect(verification).toMatchObject({ verdict: 'whole', checkedBy: { structure: 1, length: 0 } });
    expect(codesOf(verification)).toEqual(['length-differs-database']);
  });

  it('accepts a database by its content, whatever it is called', async () => {
    const files = [{ ...DATABASE, relativePath: 'Documents/apples', sizeBytes: 7 }];
    expect((await verifyBackup(await exampleBackup({ files }))).verdict).toBe('whole');
  });

  it.each<[what: string, change: (database: DatabaseSync) => void, verdict: Verdict, codes: string[]]>([
    [
      'a name that does not fit its place',
      (database) => database.exec(`UPDATE Files SET domain = 'RootDomain' WHERE domain = '${PHOTO.domain}'`),
      'damaged',
      ['file-id-wrong'],
    ],
    [
      'a name that is no hex number',
      (database) => database.exec(`UPDATE Files SET fileID = 'ABC' WHERE domain = '${PHOTO.domain}'`),
      'damaged',
      ['blob-without-row', 'row-unreadable'],
    ],
    [
      'a row without a name',
      (database) => database.exec("INSERT INTO Files VALUES (NULL, 'HomeDomain', 'x', 1, x'00')"),
      'damaged',
      ['row-unreadable'],
    ],
    [
      'a row without a record',
      (database) => database.exec(`INSERT INTO Files VALUES ('${'b'.repeat(40)}', NULL, NULL, 9, NULL)`),
      'cannot-tell',
      ['row-incomplete'],
    ],
    [
      'a file of unknown length',
      (database) => {
        database.exec(`DELETE FROM Files WHERE domain = '${PHOTO.domain}'`);
        insert(database, PHOTO.domain, PHOTO.relativePath, 1, { Mode: 0o100644 });
      },
      'cannot-tell',
      ['length-unknown'],
    ],
    [
      'a version we do not know',
      (database) => database.exec('PRAGMA user_version = 1'),
      'cannot-tell',
      ['manifest-version-unknown'],
    ],
    [
      'another kind of digest',
      (database) => {
        database.exec(`DELETE FROM Files WHERE domain = '${PHOTO.domain}'`);
        const fields = { Mode: 0o100644, Size: PHOTO.content.length, Digest: new Uint8Array(5) };
        insert(database, PHOTO.domain, PHOTO.relativePath, 1, fields);
      },
      'cannot-tell',
      ['digest-unknown'],
    ],
  ])('finds %s in the list of files', async (_, changeManifest, verdict, codes) => {
    const verification = await verifyBackup(await exampleBackup({ changeManifest }));
    expect(codesOf(verification).sort()).toEqual(codes);
    expect(verification.verdict).toBe(verdict);
  });

  it('cannot tell about an encrypted backup, but notices sizes that encryption never gives', async () => {
    const tree = await exampleBackup({ files: [], password: 'apple' });
    await write(tree, treePath(`aa/${'a'.repeat(40)}`), new Uint8Array(32));
    expect(await verifyBackup(tree)).toMatchObject({ verdict: 'cannot-tell', files: 1, bytes: 32 });
    await write(tree, treePath(`bb/${'b'.repeat(40)}`), new Uint8Array(33));
    const verification = await verifyBackup(tree);
    expect(codesOf(verification)).toEqual(['manifest-encrypted', 'blob-size-impossible']);
    expect(verification.verdict).toBe('damaged');
  });

  it('expects whole cipher blocks of files with a key, where only the files are encrypted', async () => {
    const changeManifest = (database: DatabaseSync) =>
      insert(database, 'HomeDomain', 'sealed', 1, {
        Mode: 0o100644,
        Size: 32,
        EncryptionKey: keyedMutableData(new Uint8Array(44)),
      });
    const { ManifestKey: _, ...manifestPlist } = exampleEncryption('apple').plistKeys;
    const tree = await exampleBackup({ manifestPlist, changeManifest });
    await write(tree, treePath(blobOf('HomeDomain', 'sealed')), new Uint8Array(48));
    expect(await verifyBackup(tree)).toMatchObject({ verdict: 'whole', checkedBy: { length: 2 } });
    await write(tree, treePath(blobOf('HomeDomain', 'sealed')), new Uint8Array(32));
    expect(codesOf(await verifyBackup(tree))).toEqual(['length-differs']);
  });

  it('answers every damage of Manifest.db with a verdict', async () => {
    const tree = await exampleBackup();
    const path = treePath('Manifest.db');
    const whole = Buffer.concat(await Array.fromAsync(tree.read(path)));
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    const damage = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async (changes) => {
      const bytes = Buffer.from(whole);
      for (const [place, byte] of changes) bytes[place] = byte;
      await write(tree, path, bytes);
      expect((await verifyBackup(tree)).verdict).toMatch(/whole|incomplete|damaged|cannot-tell/);
    });
    await fc.assert(damage, { seed: 1, numRuns: 150 });
  });

  it('finds a file that the disk does not give back, and checks the others', async () => {
    const tree = await exampleBackup();
    const bad = exampleBlobPath(PREFERENCES);
    const verification = await verifyBackup(failingAt(tree, bad));
    expect(codesOf(verification)).toEqual(['blob-unreadable']);
    expect(verification).toMatchObject({
      verdict: 'damaged',
      checkedBy: { digest: 0, structure: 1, length: 1 },
    });
  });

  it('finds a list of files that the disk does not give back, of which there is a hash', async () => {
    const path = treePath('Manifest.db');
    const tree = await exampleBackup();
    const received = new Map([['Manifest.db', 'x'.repeat(16)]]);
    const { verdict, findings } = await verifyBackup(failingAt(tree, path), { received });
    expect(verdict).toBe('damaged');
    expect(findings).toContainEqual(expect.objectContaining({ code: 'blob-unreadable', path }));
  });

  it.each([
    ['a file', exampleBlobPath(PREFERENCES)],
    ['the list of files', 'Manifest.db'],
  ])('says nothing of a backup of which %s is out of reach', async (_, path) => {
    const tree = await exampleBackup();
    for (const error of [treeError('not-permitted'), serverError('not-reached')])
      await expect(verifyBackup(failingAt(tree, path, error))).rejects.toBe(error);
    const { verdict } = await verifyBackup(failingAt(tree, path, serverError('lost')));
    expect(verdict).toBe('damaged');
  });

  it('counts findings it cannot hold', async () => {
    const changeManifest = (database: DatabaseSync) => {
      database.exec('BEGIN');
      for (let index = 0; index < 5100; index++)
        insert(database, 'HomeDomain', `${index}`, 1, { Mode: 0o100644 });
      database.exec('COMMIT');
    };
    const verification = await verifyBackup(await exampleBackup({ changeManifest }));
    expect(verification.findings).toHaveLength(5000);
    expect(verification).toMatchObject({ verdict: 'damaged', findingsLeftOut: 100, files: 5103 });
  });

  it('names the place of a finding, and says what to do', async () => {
    const tree = await exampleBackup();
    await tree.remove(exampleBlobPath(PHOTO));
    expect((await verifyBackup(tree)).findings).toEqual([
      {
        code: 'blob-missing',
        severity: 'damage',
        message: 'The content of a file is missing.',
        remedy: expect.stringMatching(/./),
        fileID: fileIDOf(PHOTO.domain, PHOTO.relativePath),
        domain: PHOTO.domain,
        path: PHOTO.relativePath,
      },
    ]);
  });

  it('tells its progress, and stops when told to', async () => {
    const seen: number[] = [];
    await verifyBackup(await exampleBackup(), { onProgress: ({ files }) => seen.push(files) });
    expect(seen.at(-1)).toBe(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const stopped = verifyBackup(await exampleBackup(), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('checkWhole', () => {
  it('reads no content', async () => {
    const tree = await exampleBackup();
    await flipBit(PREFERENCES)(tree);
    const reads: string[] = [];
    const verification = await checkWhole(recording(tree, reads));
    expect(verification).toMatchObject({
      verdict: 'whole',
      checkedBy: { digest: 0, structure: 0, length: 3 },
    });
    expect(reads.filter((path) => path.includes('/'))).toEqual([]);
  });

  it('finds what is missing, unfinished or of another size', async () => {
    const tree = await exampleBackup({ status: { SnapshotState: 'uploading' } });
    await tree.remove(exampleBlobPath(PREFERENCES));
    await cut(PHOTO, 7)(tree);
    expect(codesOf(await checkWhole(tree)).sort()).toEqual([
      'blob-missing',
      'length-differs',
      'not-finished',
    ]);
  });

  it('looks at the names alone of what is unchanged since an earlier check', async () => {
    const tree = await exampleBackup();
    const whole = await checkWhole(tree, { isUnchanged: () => true });
    expect(whole).toMatchObject({ verdict: 'whole', files: 3, bytes: (await checkWhole(tree)).bytes });

    await cut(PHOTO, 7)(tree);
    expect(codesOf(await checkWhole(tree, { isUnchanged: () => true }))).toEqual([]);
    const photo = nameOf(exampleBlobPath(PHOTO));
    expect(codesOf(await checkWhole(tree, { isUnchanged: (id) => id !== photo }))).toEqual([
      'length-differs',
    ]);

    await tree.remove(exampleBlobPath(PREFERENCES));
    expect(codesOf(await checkWhole(tree, { isUnchanged: () => true }))).toEqual(['blob-missing']);
    expect(codesOf(await verifyBackup(tree, { isUnchanged: () => true }))).toContain('length-differs');
  });
});

function codesOf({ findings }: Verification): string[] {
  return findings.map(({ code }) => code);
}

function fixture(name: string): ReadableTree {
  return folderTree(fileURLToPath(new URL(name, FIXTURES)));
}

function blobOf(domain: string, relativePath: string): string {
  return exampleBlobPath({ domain, relativePath, content: new Uint8Array() });
}

type Change = (tree: WritableTree) => Promise<void>;

function remove(path: string): Change {
  return (tree) => tree.remove(treePath(path));
}

function replace(path: string, content: string): Change {
  return (tree) => write(tree, treePath(path), Buffer.from(content));
}

function cut(file: ExampleFile, sizeBytes: number): Change {
  return (tree) => write(tree, exampleBlobPath(file), file.content.subarray(0, sizeBytes));
}

function flipBit(file: ExampleFile): Change {
  const changed = Uint8Array.from(file.content);
  changed[10] = (changed[10] as number) ^ 1;
  return (tree) => write(tree, exampleBlobPath(file), changed);
}

async function otherDevice(tree: WritableTree): Promise<void> {
  const info: PlistDict = { 'Target Identifier': '0123456789abcdef0123456789abcdef01234567' };
  await write(tree, treePath('Info.plist'), encodeXmlPlist(info));
}

/** Of a tree that this package knows nothing of. */
const serverError = defineErrors('server', {
  'not-reached': { happened: 'It does not answer.', next: 'Wait.', retry: 'now' },
  lost: { happened: 'It has lost it.', next: 'Look for it.', damage: true },
});

function failingAt(
  tree: ReadableTree,
  bad: string,
  error: KnownError = treeError('input-output'),
): ReadableTree {
  return {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    async *read(path, range) {
      if (path === bad) throw error;
      yield* tree.read(path, range);
    },
  };
}

function recording(tree: ReadableTree, reads: string[]): ReadableTree {
  return {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read(path, range) {
      reads.push(path);
      return tree.read(path, range);
    },
  };
}
