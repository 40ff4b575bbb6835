import { createCipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodeBinaryPlist, type PlistDict, parsePropertyList } from '@rootcellar/codecs';
import {
  nameOf,
  type ReadableTree,
  Secret,
  type TreePath,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import {
  DATABASE,
  databaseBytes,
  type ExampleFile,
  type ExampleOptions,
  exampleBackup,
  exampleBlobPath,
  PHOTO,
  PREFERENCES,
  write,
} from '../example-backup.ts';
import { exampleEncryption } from '../example-encryption.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import {
  encodeReceivedHashes,
  HASHED_CONTROL_FILES,
  packHash,
  parseReceivedHashes,
  type ReceivedHashes,
} from '../folder/received-hashes.ts';
import { mbdbBytes } from '../manifest/example-mbdb.ts';
import { openManifest } from '../manifest/manifest.ts';
import { MBDB } from '../manifest/mbdb-copy.ts';
import { unlockBackup } from '../open-backup.ts';
import { checkWhole, type VerifyOptions, verifyBackup } from './verify-backup.ts';

const PASSWORD = 'Boskoop';

const inApp = (relativePath: string, content: Uint8Array): ExampleFile => ({
  domain: 'AppDomain-com.example.app',
  relativePath,
  content,
});
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
/** Start, a frame of one by one, a scan, and its end. */
const JPEG = inApp(
  'a.jpg',
  hex('ffd8 ffc0 000b 08 0001 0001 01 01 11 00 ffda 0008 01 01 00 00 3f 00 00 ffd9'),
);
const PNG = inApp(
  'a.png',
  hex(`89504e470d0a1a0a 0000000d49484452${'00'.repeat(17)} 0000000049454e44ae426082`),
);
const FILM = inApp('a.mov', hex(`00000010 66747970 71742020 00000000 00000100 6d646174 ${'00'.repeat(248)}`));
const EMPTY = inApp('empty', hex(''));
const ONE_BYTE = inApp('one', hex('ff'));
const PLIST_CONTENT = () =>
  encodeBinaryPlist(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`apple ${index}`, index])));
const PLIST = inApp('a.plist', PLIST_CONTENT());
const BIG_DATABASE = () =>
  databaseBytes((database) => {
    database.exec('CREATE TABLE apple (name TEXT); CREATE INDEX names ON apple (name)');
    const insert = database.prepare('INSERT INTO apple VALUES (?)');
    for (let row = 0; row < 500; row += 1) insert.run(`Boskoop ${row}`.repeat(5));
  });

/** As an app leaves it that is still running: the last changes are in the log alone. */
function databaseWithLog(): { readonly database: ExampleFile; readonly wal: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'rootcellar-log-'));
  const database = new DatabaseSync(join(folder, 'a.db'));
  try {
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE apple (name TEXT)');
    return {
      database: inApp('a.db', readFileSync(join(folder, 'a.db'))),
      wal: readFileSync(join(folder, 'a.db-wal')),
    };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

describe('verifyBackup of an encrypted backup', () => {
  it('finds it whole with its password, and says how each file was checked', async () => {
    const { tree, check } = await encrypted();
    expect(await check()).toMatchObject({
      verdict: 'whole',
      files: 3,
      checkedBy: { digest: 1, structure: 1, length: 1 },
      findings: [],
    });
    expect(await verifyBackup(tree)).toMatchObject({ verdict: 'cannot-tell' });
  });

  it.each<[what: string, change: (tree: WritableTree) => Promise<void>, codes: string[]]>([
    ['a file whose last block was altered', flip(PHOTO, -1), ['padding-wrong']],
    ['a file that lost its last block', cut(PHOTO, 16), ['length-differs']],
    ['a file cut in the middle of a block', cut(PHOTO, 7), ['blob-size-impossible']],
    ['a bit flipped where there is a digest', flip(PREFERENCES, 3), ['digest-wrong']],
    ['a missing keybag', inPlist({ BackupKeyBag: undefined }), ['keybag-unreadable']],
    ['a damaged keybag', inPlist({ BackupKeyBag: new Uint8Array(9) }), ['keybag-unreadable']],
    ['a missing key of the list', inPlist({ ManifestKey: undefined }), ['manifest-key-unreadable']],
    [
      'a key of the list of an unknown class',
      inPlist({ ManifestKey: new Uint8Array(44) }),
      ['manifest-key-unreadable', 'manifest-key-unreadable'],
    ],
    ['a list of files altered in its header', flipAt('Manifest.db', 3), ['manifest-unreadable']],
  ])('finds %s', async (_, change, codes) => {
    const { tree, check } = await encrypted();
    await change(tree);
    const { verdict, findings } = await check();
    expect(findings.map(({ code }) => code)).toEqual(codes);
    expect(verdict).not.toBe('whole');
  });

  it('says before which files it will read: those with a hash, and small ones of which it reads the end', async () => {
    const large = inApp('large', new Uint8Array(100_000));
    const { tree, keys } = await encrypted({ files: [PHOTO, PREFERENCES, large] });
    const foreseen: TreePath[] = [];
    const telling = {
      ...readable(tree),
      foresee: async (paths: readonly TreePath[]) => void foreseen.push(...paths),
    };
    expect((await verifyBackup(telling, { keys })).verdict).toBe('whole');
    expect(foreseen.sort()).toEqual([exampleBlobPath(PHOTO), exampleBlobPath(PREFERENCES)].sort());

    foreseen.length = 0;
    await verifyBackup(telling);
    await checkWhole(telling, { keys });
    expect(foreseen).toEqual([]);
  });

  it('finds a file key that does not open', async () => {
    const changeManifest: ExampleOptions['changeManifest'] = (database) => {
      const { domain, relativePath } = PHOTO;
      const id = fileIDOf(domain, relativePath);
      const row = database.prepare('SELECT file FROM Files WHERE fileID = ?').get(id);
      const record = Buffer.from(row?.['file'] as Uint8Array);
      const at = record.indexOf(Buffer.from([3, 0, 0, 0]));
      record.writeUInt8(record.readUInt8(at + 20) ^ 1, at + 20);
      database.prepare('UPDATE Files SET file = ? WHERE fileID = ?').run(record, id);
    };
    const { check } = await encrypted({ changeManifest });
    expect((await check()).findings.map(({ code }) => code)).toEqual(['file-key-damaged']);
  });

  it('looks into its files when told to', async () => {
    const { check } = await encrypted({ files: [DATABASE, JPEG, PNG, FILM, PLIST, EMPTY, ONE_BYTE] });
    expect(await check({ deep: true })).toMatchObject({
      verdict: 'whole',
      checkedBy: { digest: 0, structure: 5, length: 2 },
      findings: [],
    });
  });
});

describe('verifyBackup with a look inside', () => {
  it.each<[what: string, file: ExampleFile, codes: string[]]>([
    ['a database with an altered page', altered(BIG_DATABASE(), 4096 * 2 + 3), ['database-damaged']],
    ['a property list without its end', shortened(PLIST_CONTENT()), ['plist-damaged']],
    ['a photo cut in its header', { ...JPEG, content: JPEG.content.subarray(0, 10) }, ['image-cut-short']],
    ['a picture without its end', { ...PNG, content: PNG.content.subarray(0, 40) }, ['image-cut-short']],
    ['a film cut short', { ...FILM, content: FILM.content.subarray(0, 100) }, ['image-cut-short']],
  ])('finds %s', async (_, file, codes) => {
    const tree = await exampleBackup({ files: [file] });
    const { verdict, findings } = await verifyBackup(tree, { deep: true });
    expect(findings.map(({ code }) => code)).toEqual(codes);
    expect(verdict).toBe('cannot-tell');
    expect((await verifyBackup(tree)).verdict).toBe('whole');
  });

  it('does not blame the backup for what was damaged on the device already', async () => {
    const file = { ...shortened(PLIST_CONTENT()), withDigest: true };
    const { verdict, findings, checkedBy } = await verifyBackup(await exampleBackup({ files: [file] }), {
      deep: true,
    });
    expect(verdict).toBe('whole');
    expect(findings.map(({ code }) => code)).toEqual(['damaged-on-device']);
    expect(checkedBy.digest).toBe(1);
  });

  it('reads a database together with its log', async () => {
    const { database, wal } = databaseWithLog();
    const files = [database, { ...database, relativePath: `${database.relativePath}-wal`, content: wal }];
    const sound = await verifyBackup(await exampleBackup({ files }), { deep: true });
    expect(sound.checkedBy.structure).toBe(1);
    expect(sound.findings).toEqual([]);
  });

  it('cannot tell about a database that needs what only its app has', async () => {
    const usual = databaseBytes((database) =>
      database.exec(
        "CREATE TABLE apple (name TEXT COLLATE NOCASE UNIQUE); INSERT INTO apple VALUES ('Gala')",
      ),
    );
    // A collation of the app's own, under a name of the same length.
    const content = Buffer.from(
      Buffer.from(usual).toString('latin1').replaceAll('NOCASE', 'ORCHAR'),
      'latin1',
    );
    const { verdict, findings } = await verifyBackup(
      await exampleBackup({ files: [{ ...DATABASE, content }] }),
      {
        deep: true,
      },
    );
    expect(verdict).toBe('whole');
    expect(findings.map(({ code }) => code)).toEqual(['inside-cannot-tell']);
  });
});

describe('verifyBackup of old backups', () => {
  it('finds the flat folder of iOS 5 to 9 whole', async () => {
    const tree = await exampleBackup({ files: [] });
    await tree.remove(treePath('Manifest.db'));
    const { domain, relativePath: path, content } = PHOTO;
    await write(tree, MBDB, mbdbBytes([{ domain, path, sizeBytes: BigInt(content.length) }]));
    await write(tree, treePath(fileIDOf(domain, path)), content);
    expect(await verifyBackup(tree)).toMatchObject({ verdict: 'whole', files: 1, checkedBy: { length: 1 } });
    await tree.remove(treePath(fileIDOf(domain, path)));
    expect((await verifyBackup(tree)).findings.map(({ code }) => code)).toEqual(['blob-missing']);
  });

  it('reads the records of iOS 10.0, which are encrypted one by one', async () => {
    const { ManifestKey: _, ...manifestPlist } = exampleEncryption(PASSWORD).plistKeys;
    const salt = Buffer.from('salt of ten bytes');
    const sealRecord = (record: Uint8Array) => {
      const key = createHash('sha1').update(PASSWORD).update(salt).digest().subarray(0, 16);
      const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
      const cipher = createCipheriv('aes-128-cbc', key, iv);
      return Buffer.concat([cipher.update(record), cipher.final()]).toString('base64');
    };
    const changeManifest: ExampleOptions['changeManifest'] = (database) => {
      for (const { fileID, file } of database.prepare('SELECT fileID, file FROM Files').all()) {
        const text = sealRecord(file as Uint8Array);
        database.prepare('UPDATE Files SET file = ? WHERE fileID = ?').run(text, fileID as string);
      }
      const property = database.prepare('INSERT INTO Properties VALUES (?, ?)');
      property.run('salt', salt);
      property.run('passwordHash', createHash('sha256').update(PASSWORD).update(salt).digest());
    };
    const tree = await exampleBackup({ manifestPlist, changeManifest });
    const keys = await unlockBackup(tree, new Secret(PASSWORD));
    expect(await verifyBackup(tree, { keys })).toMatchObject({ verdict: 'whole', files: 3, findings: [] });
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-encrypted' });
  });
});

describe('hashes as received', () => {
  it('prove every file, and find every flipped bit', async () => {
    const tree = await exampleBackup();
    const hashes = new Map<string, string>();
    for (const file of [PHOTO, PREFERENCES, DATABASE]) {
      const digest = createHash('sha256').update(file.content).digest();
      hashes.set(fileIDOf(file.domain, file.relativePath), packHash(digest));
    }
    const text = [...encodeReceivedHashes(hashes, 'folder')];
    const parsed = await parseReceivedHashes(pieces(Buffer.concat(text), 100));
    expect(new Map(parsed)).toEqual(hashes);
    const received = parsed;
    expect(await verifyBackup(tree, { received })).toMatchObject({
      verdict: 'whole',
      checkedBy: { digest: 3, structure: 0, length: 0 },
    });
    await flip(PHOTO, 77)(tree);
    const { verdict, findings } = await verifyBackup(tree, { received });
    expect(verdict).toBe('damaged');
    expect(findings.map(({ code }) => code)).toEqual(['changed-since-received']);
  });

  it('prove an encrypted backup also without its password', async () => {
    const { tree } = await encrypted();
    const received = await hashesOf(tree);
    expect(await verifyBackup(tree, { received })).toMatchObject({
      verdict: 'whole',
      files: 3,
      checkedBy: { digest: 3 },
      findings: [{ code: 'manifest-sealed' }],
    });
    await flip(PHOTO, 5)(tree);
    await tree.remove(exampleBlobPath(DATABASE));
    const codes = (await verifyBackup(tree, { received })).findings.map(({ code }) => code);
    expect(codes).toEqual(['manifest-sealed', 'changed-since-received', 'blob-missing']);
    await flipAt('Manifest.db', 5000)(tree);
    expect((await verifyBackup(tree, { received })).findings[0]).toMatchObject({ path: 'Manifest.db' });
  });

  it('are not read from anything else', async () => {
    for (const text of ['hello\n', `${'a'.repeat(64)}  etc/passwd\n`, 'x'.repeat(10_000), '\0\0']) {
      expect(await parseReceivedHashes(pieces(Buffer.from(text), 7))).toBeUndefined();
    }
    expect(new Map(await parseReceivedHashes(pieces(Buffer.alloc(0), 7)))).toEqual(new Map());
  });
});

async function hashesOf(tree: WritableTree): Promise<ReceivedHashes> {
  const hashes = new Map<string, string>();
  const note = async (path: TreePath) => {
    const content = Buffer.concat(await Array.fromAsync(tree.read(path)));
    hashes.set(nameOf(path), packHash(createHash('sha256').update(content).digest()));
  };
  for (const name of HASHED_CONTROL_FILES) await note(treePath(name));
  for (const file of [PHOTO, PREFERENCES, DATABASE]) await note(exampleBlobPath(file));
  return hashes;
}

async function encrypted(options: ExampleOptions = {}) {
  const tree = await exampleBackup({ ...options, password: PASSWORD });
  const keys = await unlockBackup(tree, new Secret(PASSWORD));
  return { tree, keys, check: (more: VerifyOptions = {}) => verifyBackup(tree, { keys, ...more }) };
}

const readable = (tree: ReadableTree): ReadableTree => ({
  list: (folder) => tree.list(folder),
  stat: (path) => tree.stat(path),
  read: (path, range, options) => tree.read(path, range, options),
});

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

type Change = (tree: WritableTree) => Promise<void>;

async function rewrite(
  tree: WritableTree,
  path: TreePath,
  change: (bytes: Buffer) => Uint8Array,
): Promise<void> {
  await write(tree, path, change(Buffer.concat(await Array.fromAsync(tree.read(path)))));
}

function flip(file: ExampleFile, at: number): Change {
  return flipAt(exampleBlobPath(file), at);
}

function flipAt(path: string, at: number): Change {
  return (tree) =>
    rewrite(tree, treePath(path), (bytes) => {
      const place = at < 0 ? bytes.length + at : at;
      bytes.writeUInt8(bytes.readUInt8(place) ^ 0x80, place);
      return bytes;
    });
}

function cut(file: ExampleFile, bytesOff: number): Change {
  return (tree) => rewrite(tree, exampleBlobPath(file), (bytes) => bytes.subarray(0, -bytesOff));
}

function inPlist(changes: Readonly<Record<string, Uint8Array | undefined>>): Change {
  return (tree) =>
    rewrite(tree, treePath('Manifest.plist'), (bytes) => {
      const entries = Object.entries({ ...(parsePropertyList(bytes) as PlistDict), ...changes });
      return encodeBinaryPlist(
        Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as PlistDict,
      );
    });
}

function altered(content: Uint8Array, at: number): ExampleFile {
  const changed = content.slice();
  changed.fill(0xff, at, at + 40);
  return { ...DATABASE, content: changed };
}

function shortened(content: Uint8Array): ExampleFile {
  return { ...PLIST, content: content.subarray(0, -8) };
}
