import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treePath } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleBackup } from '../example-backup.ts';
import type { Finding } from '../finding.ts';
import { fileIDOf } from '../folder/blob-path.ts';
import { type ExampleRecord, mbdbBackup, mbdbBytes, mbdbRecordBytes } from './example-mbdb.ts';
import { openManifest } from './manifest.ts';
import { parseMbdbRecord, splitMbdb } from './mbdb.ts';
import { MBDB } from './mbdb-copy.ts';

const SMS = 'Library/SMS/sms.db';
const RECORDS: readonly ExampleRecord[] = [
  { path: '', mode: 0o040755, sizeBytes: 0n },
  { path: SMS, digest: new Uint8Array(20).fill(7), encryptionKey: new Uint8Array(44).fill(3) },
  { path: 'link', mode: 0o120755, target: '/var/x' },
  { domain: 'CameraRollDomain', path: 'Media/Äpfel.JPG', attributes: { 'com.apple.a': Uint8Array.of(1) } },
];

let temporaryFolder: string;
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'rootcellar-test-'));
});
afterEach(() => rm(temporaryFolder, { recursive: true }));

describe('splitMbdb', () => {
  it('finds the records wherever the bytes are cut', async () => {
    const whole = mbdbBytes(RECORDS);
    const expected = RECORDS.map((record) => Buffer.from(mbdbRecordBytes(record)));
    for (const pieceBytes of [1, 3, 7, 100, 1000]) {
      expect(await split(whole, pieceBytes)).toEqual(expected);
    }
  });

  it('finds no record in an empty list', async () => {
    expect(await split(mbdbBytes([]))).toEqual([]);
  });

  it('knows an end inside of a record from one between two, at every byte', async () => {
    const whole = mbdbBytes(RECORDS.slice(0, 2));
    const first = 6 + mbdbRecordBytes(RECORDS[0] as ExampleRecord).length;
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const answer = split(whole.subarray(0, bytes));
      if (bytes === 6 || bytes === first) await answer;
      else await expect(answer).rejects.toMatchObject({ code: 'backup.manifest-damaged' });
    }
  });

  it.each([
    ['another file', 'bplist00 and more', 'no mbdb'],
    ['another version', 'mbdb\u0006\u0000', 'unknown version'],
    ['a record without end', `mbdb\u0005\u0000${'\u00ff\u00fe'.repeat(70_000)}`, 'record too large'],
  ])('refuses %s', async (_, text, reason) => {
    await expect(split(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ details: { reason } });
  });
});

describe('parseMbdbRecord', () => {
  it('reads every field', () => {
    const bytes = mbdbRecordBytes({
      path: 'Library/ä',
      target: '',
      digest: new Uint8Array(20).fill(9),
      mode: 0o100600,
      inode: 2n ** 63n,
      userID: -2,
      modifiedAt: 2 ** 32 - 1,
      sizeBytes: 2n ** 40n,
      protectionClass: 4,
      attributes: { one: Uint8Array.of(1, 2), two: new Uint8Array() },
    });
    const { fileID, domain, record } = parseMbdbRecord(bytes);
    expect({ fileID, domain }).toEqual({ fileID: fileIDOf('HomeDomain', 'Library/ä'), domain: 'HomeDomain' });
    expect(record).toMatchObject({
      relativePath: 'Library/ä',
      encryptionKey: undefined,
      mode: 0o100600,
      inode: 2n ** 63n,
      userID: -2,
      groupID: 501,
      modifiedAt: new Date('2106-02-07T06:28:15Z'),
      changedAt: new Date(2000),
      bornAt: new Date(3000),
      sizeBytes: 2 ** 40,
      protectionClass: 4,
    });
    expect([...(record.extendedAttributes ?? [])].map(([name, value]) => [name, value.length])).toEqual([
      ['one', 2],
      ['two', 0],
    ]);
  });

  it('leaves open what no number can hold', () => {
    const { record, fileID } = parseMbdbRecord(mbdbRecordBytes({ domain: null, sizeBytes: 2n ** 60n }));
    expect(record.sizeBytes).toBeUndefined();
    expect(fileID).toBeUndefined();
  });

  it('refuses bytes that are more or less than a record', () => {
    const bytes = mbdbRecordBytes({});
    for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])]) {
      expect(() => parseMbdbRecord(wrong)).toThrow(
        expect.objectContaining({ code: 'backup.manifest-damaged' }),
      );
    }
  });
});

describe('openManifest on a backup of iOS 5 to 9', () => {
  it('lists entries as it does for newer ones, and knows where their content lies', async () => {
    const manifest = await openManifest(await mbdbBackup(RECORDS), { temporaryFolder });
    try {
      expect(manifest.count()).toBe(4);
      expect(manifest.isKnownVersion && manifest.isSound()).toBe(true);
      expect(manifest.domains()).toEqual(['CameraRollDomain', 'HomeDomain']);
      const ids = [...manifest.entries()].map(({ fileID }) => fileID);
      expect(ids).toEqual([...ids].sort());
      expect([...manifest.fileIDsOfFiles()]).toHaveLength(2);
      const sms = manifest.entry(fileIDOf('HomeDomain', SMS));
      expect(sms).toMatchObject({ kind: 'file', domain: 'HomeDomain', relativePath: SMS, sizeBytes: 12 });
      expect(sms?.encryptionKey).toHaveLength(44);
      expect(sms?.modifiedAt).toEqual(new Date(1_400_000_000_000));
      expect(manifest.blobLayout).toBe('flat');
      expect(manifest.blobPath(sms?.fileID as string)).toBe(sms?.fileID);
      const links = [...manifest.entries({ domain: 'HomeDomain' })].filter(({ kind }) => kind === 'link');
      expect(links.map(({ target }) => target)).toEqual(['/var/x']);
    } finally {
      await manifest.close();
    }
    expect(await readdir(temporaryFolder)).toEqual([]);
  });

  it('leaves out what is no file, folder or link, and says so', async () => {
    const records = [{ mode: 0 }, { path: 'good' }, { domain: null }];
    const manifest = await openManifest(await mbdbBackup(records), { temporaryFolder });
    try {
      const findings: Finding[] = [];
      const entries = [...manifest.entries({ onFinding: (found) => findings.push(found) })];
      expect(entries.map(({ relativePath }) => relativePath)).toEqual(['good']);
      expect(findings.map(({ code }) => code)).toEqual(['row-unreadable']);
      expect(manifest.countWithoutID()).toBe(1);
    } finally {
      await manifest.close();
    }
  });

  it('believes the later of two records for one file', async () => {
    const records = [
      { path: 'x', sizeBytes: 1n },
      { path: 'x', sizeBytes: 2n },
    ];
    const manifest = await openManifest(await mbdbBackup(records), { temporaryFolder });
    try {
      expect([...manifest.entries()].map(({ sizeBytes }) => sizeBytes)).toEqual([2]);
    } finally {
      await manifest.close();
    }
  });

  it('prefers Manifest.db where both lie', async () => {
    const tree = await exampleBackup();
    await tree.write(MBDB, [mbdbBytes(RECORDS)]);
    const manifest = await openManifest(tree, { temporaryFolder });
    expect(manifest.blobLayout).toBe('sharded');
    const fileID = fileIDOf('HomeDomain', SMS);
    expect(manifest.blobPath(fileID)).toBe(`3d/${fileID}`);
    await manifest.close();
  });

  it('leaves nothing behind when the list is damaged, or when told to stop', async () => {
    const tree = await mbdbBackup(RECORDS);
    const stopped = openManifest(tree, { temporaryFolder, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    await tree.write(MBDB, [mbdbBytes(RECORDS).subarray(0, -1)]);
    await expect(openManifest(tree, { temporaryFolder })).rejects.toMatchObject({
      code: 'backup.manifest-damaged',
    });
    await tree.write(MBDB, []);
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-empty' });
    await tree.remove(MBDB);
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-missing' });
    await tree.makeFolder(treePath('Manifest.mbdb'));
    await expect(openManifest(tree)).rejects.toMatchObject({ code: 'backup.manifest-missing' });
    expect(await readdir(temporaryFolder)).toEqual([]);
  });
});

async function split(bytes: Uint8Array, pieceBytes = 64): Promise<readonly Buffer[]> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const records: Buffer[] = [];
  for await (const record of splitMbdb(pieces())) records.push(Buffer.from(record));
  return records;
}
