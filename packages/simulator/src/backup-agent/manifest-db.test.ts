import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodeBinaryPlist, PlistUid } from '@rootcellar/codecs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isDamaged,
  makeManifestDb,
  readManifestDb,
  updateManifestDb,
  writeManifestDb,
} from './manifest-db.ts';
import { fileIDOf, type ManifestRow, sameState } from './manifest-row.ts';
import { encodeMBFile, parseMBFile } from './mb-file.ts';

const ROW: ManifestRow = {
  fileID: fileIDOf('HomeDomain', 'Library/SMS/sms.db'),
  domain: 'HomeDomain',
  relativePath: 'Library/SMS/sms.db',
  mode: 0o100644,
  inode: 184_673,
  userID: -2,
  groupID: 501,
  modifiedAt: 1_610_674_669,
  changedAt: 1_610_674_670,
  bornAt: 1_610_000_000,
  sizeBytes: 5_000_000_000,
  protectionClass: 3,
  flags: 128,
  extendedAttributes: new Map([['com.apple.rootless', new Uint8Array()]]),
  target: undefined,
  digest: new Uint8Array(20).fill(7),
};

const anyRow: fc.Arbitrary<ManifestRow> = fc.record({
  fileID: fc.constant(ROW.fileID),
  domain: fc.constant('HomeDomain'),
  relativePath: fc.string({ unit: 'grapheme' }),
  mode: fc.constantFrom(0o100644, 0o040755, 0o120755),
  inode: fc.maxSafeNat(),
  userID: fc.integer(),
  groupID: fc.integer(),
  modifiedAt: fc.integer(),
  changedAt: fc.integer(),
  bornAt: fc.integer(),
  sizeBytes: fc.maxSafeNat(),
  protectionClass: fc.integer({ min: 0, max: 4 }),
  flags: fc.nat(),
  extendedAttributes: fc
    .array(fc.tuple(fc.string(), fc.uint8Array({ maxLength: 20 })))
    .map((all) => new Map(all)),
  target: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
  digest: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }), { nil: undefined }),
});

describe('a file record', () => {
  it('names files as the format says', () => {
    expect(ROW.fileID).toBe('3d0d7e5fb2ce288813306e4d4636395e047a3d28');
    expect(fileIDOf('HomeDomain', '')).toBe('70765829101933f25994c71bbee6dfd685535bff');
  });

  it('comes back as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const read = parseMBFile(encodeMBFile(row));
        expect(read).toBeDefined();
        expect(sameState({ ...row, ...read }, row)).toBe(true);
        expect(read?.digest).toEqual(row.digest);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('notices every single difference', () => {
    const changes: readonly Partial<ManifestRow>[] = [
      { mode: 0o100600 },
      { inode: 1 },
      { userID: 0 },
      { groupID: 0 },
      { modifiedAt: 0 },
      { changedAt: 0 },
      { bornAt: 0 },
      { sizeBytes: 0 },
      { protectionClass: 4 },
      { flags: 0 },
      { target: '/' },
      { extendedAttributes: new Map() },
      { extendedAttributes: new Map([['com.apple.rootless', new Uint8Array([0])]]) },
      { extendedAttributes: new Map([['com.apple.other', new Uint8Array()]]) },
    ];
    for (const change of changes) expect(sameState(ROW, { ...ROW, ...change })).toBe(false);
  });

  it('is read in the shapes of other writers', () => {
    const archive = encodeBinaryPlist({
      $version: 100000,
      $archiver: 'NSKeyedArchiver',
      $top: { root: new PlistUid(1) },
      $objects: [
        '$null',
        { Mode: 33188, Digest: new PlistUid(2), Size: 12 },
        { 'NS.data': new PlistUid(3), $class: new PlistUid(4) },
        new Uint8Array(20),
      ],
    });
    expect(parseMBFile(archive)).toMatchObject({
      mode: 33188,
      sizeBytes: 12,
      digest: new Uint8Array(20),
      inode: 0,
    });
  });

  it('of any bytes is a record or nothing', () => {
    const good = encodeMBFile(ROW);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = good.slice();
        bytes[at] = value;
        const read = parseMBFile(bytes);
        expect(read === undefined || Number.isInteger(read.mode)).toBe(true);
      }),
      { seed: 1, numRuns: 1000 },
    );
    expect(parseMBFile(new Uint8Array())).toBeUndefined();
  });
});

describe('a manifest database', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'manifest-db-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = () => join(folder, 'Manifest.db');
  const read = () => [...readManifestDb(path())];

  it('is complete alone, in WAL mode by its header', () => {
    writeManifestDb(path(), [ROW]);
    const bytes = readFileSync(path());
    expect([bytes[18], bytes[19]]).toEqual([2, 2]);
    const row = read()[0];
    expect(row && !isDamaged(row) && sameState(row, ROW)).toBe(true);
  });

  it('reports rows that cannot be used', () => {
    writeManifestDb(path(), [ROW]);
    const db = new DatabaseSync(path());
    db.exec(`INSERT INTO Files VALUES (NULL, NULL, NULL, 1, NULL), ('${'0'.repeat(40)}', 'a', 'b', 1, x'00'),
      ('../../x', 'a', 'b', 1, x'00'), ('${'1'.repeat(40)}', 'a', 'b', 1, zeroblob(70000))`);
    db.close();
    expect(read().filter(isDamaged)).toHaveLength(4);
  });

  it('is changed in place: what did not change stays on its page', () => {
    const rows = Array.from({ length: 3000 }, (_, at): ManifestRow => {
      const relativePath = `Media/DCIM/IMG_${at}.HEIC`;
      return { ...ROW, relativePath, fileID: fileIDOf(ROW.domain, relativePath), inode: at };
    });
    writeManifestDb(path(), rows.slice(0, 2990));
    const before = readFileSync(path());
    const after = [...rows.slice(5, 1000), { ...(rows[1000] as ManifestRow), inode: 1 }, ...rows.slice(1001)];
    updateManifestDb(path(), after);
    const found = read().flatMap((row) => (isDamaged(row) ? [] : [row]));
    expect(found.map(({ fileID, inode }) => `${fileID} ${inode}`).sort()).toEqual(
      after.map(({ fileID, inode }) => `${fileID} ${inode}`).sort(),
    );
    const pages = readFileSync(path());
    expect([pages[18], pages[19]]).toEqual([2, 2]);
    let same = 0;
    for (let at = 0; at < before.length; at += 4096)
      if (before.compare(pages, at, at + 4096, at, at + 4096) === 0) same += 1;
    expect(same / (before.length / 4096)).toBeGreaterThan(0.85);
  });

  it('is changed nowhere but in its head when nothing changed', () => {
    const rows = Array.from({ length: 500 }, (_, at): ManifestRow => {
      const relativePath = `Media/DCIM/IMG_${at}.HEIC`;
      return { ...ROW, relativePath, fileID: fileIDOf(ROW.domain, relativePath) };
    });
    writeManifestDb(path(), rows);
    const before = readFileSync(path());
    updateManifestDb(path(), rows.toReversed());
    expect(readFileSync(path()).subarray(4096).equals(before.subarray(4096))).toBe(true);
  });

  it('of anybody else is not changed', () => {
    writeManifestDb(path(), [ROW]);
    const db = new DatabaseSync(path());
    db.exec('CREATE TRIGGER t AFTER DELETE ON Files BEGIN DELETE FROM Properties; END');
    db.close();
    expect(() => updateManifestDb(path(), [])).toThrow('not as this phone writes it');
    expect(read()).toHaveLength(1);
    writeFileSync(path(), Buffer.alloc(4096, 1));
    expect(() => updateManifestDb(path(), [])).toThrow();
  });

  it('is made from the one before, or anew where that is of no use', async () => {
    const before = join(folder, 'before.db');
    writeManifestDb(before, [{ ...ROW, inode: 1 }]);
    await makeManifestDb(path(), [ROW], before);
    expect(read()).toMatchObject([{ inode: ROW.inode }]);
    rmSync(path());
    writeFileSync(before, Buffer.alloc(4096, 1));
    await makeManifestDb(path(), [ROW], before);
    expect(read()).toMatchObject([{ inode: ROW.inode }]);
  });

  it('refuses views, other files and nothing', () => {
    const db = new DatabaseSync(path());
    db.exec(
      'CREATE VIEW Files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fileID FROM n',
    );
    db.close();
    expect(read).toThrow('no table');
    writeFileSync(path(), Buffer.alloc(4096, 1));
    expect(read).toThrow();
    writeFileSync(path(), '');
    expect(read).toThrow();
  });
});
