import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneNode } from '../file-system/phone-file-system.ts';
import { digestOfDisk, type FilledDisk, filledDisk, openCopy } from '../testing/filled-disk.ts';
import { readJpeg } from '../testing/read-jpeg.ts';
import { type BackupEntry, backupEntries } from './backup-entries.ts';
import { contentOf } from './profile.ts';

const MEDIA = '/var/mobile/Media';
const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files that a backup takes, and their bytes. */
function measure(disk: FilledDisk): { readonly entries: readonly BackupEntry[]; readonly bytes: number } {
  const entries = [...backupEntries(disk.files, disk.apps, 'plain')].filter(
    ({ node }) => node.kind === 'file',
  );
  return { entries, bytes: entries.reduce((sum, { node }) => sum + node.sizeBytes, 0) };
}

function near(value: number, target: number): void {
  expect(value).toBeGreaterThan(target * 0.95);
  expect(value).toBeLessThan(target * 1.05);
}

describe('the phone of a family', () => {
  let disk: FilledDisk;
  beforeAll(async () => {
    disk = await filledDisk('family');
  });
  const filesBelow = (path: string): readonly PhoneNode[] =>
    [...disk.files.walk(path)].filter((node) => node.kind === 'file');

  it('gives a backup 8,000 files and 600 MB', () => {
    const { entries, bytes } = measure(disk);
    near(entries.length, 8000);
    near(bytes, 600e6);
  });

  it('keeps bought music and caches out of the backup', () => {
    expect(filesBelow(`${MEDIA}/iTunes_Control/Music`).length).toBe(40);
    expect(filesBelow('/var/mobile/Library/Caches').length).toBe(3);
    const paths = measure(disk).entries.map(({ node }) => node.path);
    expect(paths.filter((path) => /iTunes_Control|\/Caches\/|\/tmp\//.test(path))).toEqual([]);
  });

  it('has a photo library that agrees with the camera roll', async () => {
    const db = await openCopy(disk.files, `${MEDIA}/PhotoData/Photos.sqlite`, join(folder, 'photos.db'));
    const rows = db
      .prepare(
        `SELECT a.ZDIRECTORY || '/' || a.ZFILENAME AS path, ZORIGINALFILESIZE AS size, ZWIDTH, ZHEIGHT, ZKIND, ZDURATION,
          ZDATECREATED + 978307200 AS at FROM ZASSET a JOIN ZADDITIONALASSETATTRIBUTES b ON b.ZASSET = a.Z_PK`,
      )
      .all();
    db.close();
    const roll = filesBelow(`${MEDIA}/DCIM`);
    expect(rows.map((row) => row['path']).sort()).toEqual(
      roll.map(({ path }) => path.slice(MEDIA.length + 1)).sort(),
    );
    for (const row of rows) {
      const node = disk.files.stat(`${MEDIA}/${row['path']}`);
      expect([node?.sizeBytes, node?.attributes.modifiedAt]).toEqual([row['size'], row['at']]);
      expect(disk.files.stat(`${MEDIA}/PhotoData/Thumbnails/V2/${row['path']}/5005.JPG`)).toBeDefined();
      if (!String(row['path']).endsWith('.JPG') || node?.content === undefined) continue;
      const { width, height } = readJpeg(await readWhole(node.content));
      expect([width, height]).toEqual([row['ZWIDTH'], row['ZHEIGHT']]);
    }
    expect(rows.filter((row) => row['ZKIND'] === 1 && Number(row['ZDURATION']) > 0).length).toBe(14);
  });

  it('has messages whose attachments are there', async () => {
    const db = await openCopy(disk.files, '/var/mobile/Library/SMS/sms.db', join(folder, 'sms.db'));
    const rows = db
      .prepare(
        'SELECT filename, total_bytes FROM attachment JOIN message_attachment_join ON attachment_id = ROWID',
      )
      .all();
    db.close();
    expect(rows.length).toBe(150);
    for (const { filename, total_bytes } of rows) {
      const node = disk.files.stat(`/var/mobile/${String(filename).replace('~/', '')}`);
      expect(node?.sizeBytes).toBe(total_bytes);
    }
    expect(filesBelow('/var/mobile/Library/SMS/Attachments').length).toBe(150);
  });

  it('has only JPEGs that are JPEGs', async () => {
    const pictures = filesBelow('/var/mobile').filter(({ path }) => /\.jpe?g$/.test(path));
    expect(pictures.length).toBeGreaterThan(500);
    for (const { content } of pictures)
      readJpeg(await readWhole(content ?? { sizeBytes: 0, async *read() {} }));
  });

  it('names nobody: numbers and addresses are those kept free for fiction', async () => {
    const path = '/var/mobile/Library/AddressBook/AddressBook.sqlitedb';
    const db = await openCopy(disk.files, path, join(folder, 'contacts.db'));
    const values = db.prepare('SELECT property, value FROM ABMultiValue WHERE property IN (3, 4)').all();
    db.close();
    expect(values.length).toBe(160);
    for (const { property, value } of values) {
      expect(String(value)).toMatch(property === 3 ? /^\+1555010\d\d$/ : /@example\.org$/);
    }
  });

  it('is the same for the same seed, to the byte', async () => {
    expect(await digestOfDisk(await filledDisk('family'))).toBe(await digestOfDisk(disk));
  });
});

describe('a sixty-fourth of the huge phone', () => {
  let disk: FilledDisk;
  beforeAll(async () => {
    disk = await filledDisk('huge:64');
  });

  it('has a sixty-fourth of 300,000 files and 64 GB, in some 110 domains', () => {
    const { entries, bytes } = measure(disk);
    near(entries.length, 300_000 / 64);
    near(bytes, 64e9 / 64);
    near(new Set(entries.map(({ domain }) => domain)).size, 110);
  });

  it('has mostly small files, and few very large ones', () => {
    const sizes = measure(disk)
      .entries.map(({ node }) => node.sizeBytes)
      .sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(64 * 1024);
    expect(sizes.at(-1)).toBeGreaterThan(5e9 / 64);
  });

  it('is the same for the same seed, to the byte', async () => {
    expect(await digestOfDisk(await filledDisk('huge:64'))).toBe(await digestOfDisk(disk));
  });
});

it.each(['family:4096', 'huge:4096'])('%s still has something of every kind', async (profile) => {
  const { entries } = measure(await filledDisk(profile));
  const kinds = [/DCIM.*JPG$/, /DCIM.*MOV$/, /DCIM.*PNG$/, /Attachments.*jpeg$/, /Documents/, /sms\.db$/];
  for (const kind of kinds) expect(entries.some(({ node }) => kind.test(node.path))).toBe(true);
  for (const { node } of entries) {
    if (!/\.jpe?g$/i.test(node.path) || node.content === undefined) continue;
    readJpeg(await readWhole(node.content));
  }
});

it.each([
  '',
  'hug',
  'tiny:2',
  'huge:',
  'huge:0',
  'huge:9999',
  'huge:1e3',
  'constructor',
  '__proto__',
  'toString',
])('there is no profile %j', (profile) => {
  expect(() => contentOf(profile, { seed: 1, now: new Date() })).toThrow('There is no content of this name');
});
