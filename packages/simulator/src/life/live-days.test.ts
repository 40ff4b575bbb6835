import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@rootcellar/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readWhole } from '../file-system/file-content.ts';
import type { PhoneFileSystem } from '../file-system/phone-file-system.ts';
import { digestOfDisk, filledDisk, openCopy } from '../testing/filled-disk.ts';
import { liveDays } from './live-days.ts';

const MEDIA = '/var/mobile/Media';
const SMS = '/var/mobile/Library/SMS/sms.db';
const PAGE_BYTES = 4096;

const folder = mkdtempSync(join(tmpdir(), 'life-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function bytesOf(files: PhoneFileSystem, path: string): Promise<Buffer> {
  const content = files.stat(path)?.content;
  if (content === undefined) throw new Error(`The phone has no ${path}`);
  return Buffer.from(await readWhole(content));
}

describe('days on a phone', () => {
  it('are the same for the same phone', async () => {
    const [one, other] = [await filledDisk('family:16'), await filledDisk('family:16')];
    expect(await liveDays(one, 3)).toEqual(await liveDays(other, 3));
    expect(await digestOfDisk(one)).toBe(await digestOfDisk(other));
    await liveDays(one, 1, seededRandom('another life'));
    await liveDays(other, 1);
    expect(await digestOfDisk(one)).not.toBe(await digestOfDisk(other));
  });

  it('bring something of every kind', async () => {
    const disk = await filledDisk('family:16');
    const versions = disk.apps.map((app) => app.version);
    const lived = await liveDays(disk, 10);
    expect(lived).toMatchObject({ days: 10, appsUpdated: 4 });
    for (const count of Object.values(lived)) expect(count).toBeGreaterThan(0);
    expect(disk.apps.map((app) => app.version)).not.toEqual(versions);
  });

  it('can be about one kind of thing alone', async () => {
    const disk = await filledDisk('family:16');
    const nothing = {
      photosTaken: 0,
      photosDeleted: 0,
      messages: 0,
      calls: 0,
      documentsChanged: 0,
      appsUpdated: 0,
    };
    const photos = await liveDays(disk, 4, undefined, 'photos');
    expect(photos.photosTaken).toBeGreaterThan(0);
    const { photosTaken, photosDeleted } = photos;
    expect(photos).toEqual({ ...nothing, days: 4, photosTaken, photosDeleted });
    const messages = await liveDays(disk, 1, undefined, 'messages');
    expect(messages.messages).toBeGreaterThan(0);
    expect(messages).toEqual({ ...nothing, days: 1, messages: messages.messages });
  });

  it('change only some pages of the databases', async () => {
    const { files, ...rest } = await filledDisk('family');
    const before = await bytesOf(files, SMS);
    await liveDays({ files, ...rest }, 1);
    const after = await bytesOf(files, SMS);
    let same = 0;
    for (let at = 0; at < before.length; at += PAGE_BYTES) {
      if (before.subarray(at, at + PAGE_BYTES).equals(after.subarray(at, at + PAGE_BYTES))) same += 1;
    }
    expect(after.equals(before)).toBe(false);
    expect(same / (before.length / PAGE_BYTES)).toBeGreaterThan(0.9);
  });

  it.each([12.01, 15.06, 26.01])('keep the databases of iOS %f sound and true', async (system) => {
    const disk = await filledDisk('family:16', system);
    await liveDays(disk, 12);
    const table = system < 14 ? 'ZGENERICASSET' : 'ZASSET';
    const photos = await openCopy(disk.files, `${MEDIA}/PhotoData/Photos.sqlite`, join(folder, 'photos.db'));
    expect(photos.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const listed = photos
      .prepare(`SELECT ZDIRECTORY || '/' || ZFILENAME AS path FROM ${table} ORDER BY 1`)
      .all();
    photos.close();
    const roll = [...disk.files.walk(`${MEDIA}/DCIM`)].filter(({ kind }) => kind === 'file');
    expect(listed.map((row) => `${MEDIA}/${row['path']}`)).toEqual(roll.map(({ path }) => path).sort());
    const messages = await openCopy(disk.files, SMS, join(folder, 'sms.db'));
    expect(messages.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const sent = messages.prepare('SELECT filename, total_bytes AS bytes FROM attachment').all();
    messages.close();
    for (const { filename, bytes } of sent) {
      expect(disk.files.stat(`/var/mobile/${String(filename).slice(2)}`)?.sizeBytes).toBe(bytes);
    }
  });

  it('do nothing to a phone that has nothing', async () => {
    const disk = await filledDisk('empty');
    expect(await liveDays(disk, 2)).toMatchObject({ messages: 0, photosTaken: 0, documentsChanged: 0 });
    expect([...disk.files.walk('/')]).toHaveLength(1);
  });

  it.each([0, -1, 1.5, 367, Number.NaN])('cannot be %d', async (days) => {
    await expect(liveDays(await filledDisk('empty'), days)).rejects.toThrow(RangeError);
  });
});
