import { crc32, inflateRawSync } from 'node:zlib';
import type { ManifestEntry } from '@rootcellar/backup';
import { treeError } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { zipFiles } from './zip-files.ts';
import { centralHeader, dataDescriptor, endOfZip } from './zip-records.ts';

function entry(domain: string, relativePath: string, fileID: string, sizeBytes = 1): ManifestEntry {
  return {
    fileID,
    domain,
    relativePath,
    kind: 'file',
    sizeBytes,
    modifiedAt: new Date('2026-05-03T10:00:02Z'),
  } as ManifestEntry;
}

const contents: Readonly<Record<string, string>> = { a: 'apples', b: 'b'.repeat(100_000), c: '', d: 'pears' };
const backup = {
  async *read({ fileID }: ManifestEntry) {
    if (fileID === 'missing') throw treeError('not-found');
    yield Buffer.from(contents[fileID] ?? '');
    if (fileID === 'broken') throw treeError('input-output');
  },
};

async function zip(entries: readonly ManifestEntry[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(zipFiles(backup, entries)));
}

/** By the central directory, as every program does. */
function unzip(bytes: Buffer): ReadonlyMap<string, string> {
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count -= 1) {
    const [packed, nameBytes, extraBytes] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
    ];
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameBytes);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(start, start + packed));
    expect(crc32(content)).toBe(bytes.readUInt32LE(at + 16));
    expect(content.length).toBe(bytes.readUInt32LE(at + 24));
    files.set(name, content.toString());
    at += 46 + nameBytes + extraBytes;
  }
  return files;
}

describe('a zip of files of a backup', () => {
  test('gives them back', async () => {
    const files = unzip(
      await zip([entry('HomeDomain', 'x/a.txt', 'a'), entry('HomeDomain', 'b', 'b'), entry('D', 'c', 'c')]),
    );
    expect([...files]).toEqual([
      ['HomeDomain/x/a.txt', 'apples'],
      ['HomeDomain/b', contents['b']],
      ['D/c', ''],
    ]);
  });

  test('has no name that leads out of it, and none twice', async () => {
    const hostile = [
      '../../etc/passwd',
      '/etc/passwd',
      'a\\..\\b',
      'CON',
      'x/../../y',
      'Same',
      'same',
      'e\u0301',
      '\u00e9',
    ];
    const names = [...unzip(await zip(hostile.map((path) => entry('HomeDomain', path, 'a')))).keys()];
    expect(names).toHaveLength(hostile.length);
    expect(new Set(names.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(hostile.length);
    for (const name of names) {
      expect(name.startsWith('HomeDomain/')).toBe(true);
      expect(name.split('/')).not.toContain('..');
      expect(name).not.toContain('\\');
    }
  });

  test('says which files could not be opened, and has all others', async () => {
    const files = unzip(await zip([entry('D', 'gone', 'missing'), entry('D', 'd', 'd')]));
    expect([...files.keys()]).toEqual(['D/d', '_left-out.txt']);
    expect(files.get('_left-out.txt')).toMatch(/^D\/gone: /);
  });

  test('has no end if a file breaks off in the middle', async () => {
    await expect(zip([entry('D', 'x', 'broken')])).rejects.toMatchObject({ code: 'tree.input-output' });
  });

  test('counts beyond 4 GB and 65,535 files', () => {
    const large = {
      name: Buffer.from('n'),
      modifiedAt: new Date(),
      isZip64: true,
      crc: 1,
      packedBytes: 2 ** 33,
      bytes: 2 ** 34,
      offset: 2 ** 35,
    };
    const central = centralHeader(large);
    expect(central.readUInt32LE(20)).toBe(0xffffffff);
    expect([51, 59, 67].map((at) => central.readBigUInt64LE(at))).toEqual([2n ** 34n, 2n ** 33n, 2n ** 35n]);
    expect(dataDescriptor(large).readBigUInt64LE(8)).toBe(2n ** 33n);
    const end = endOfZip(70_000, { offset: 2 ** 35, bytes: 100 });
    expect(end.readUInt32LE(0)).toBe(0x06064b50);
    expect(end.readBigUInt64LE(32)).toBe(70_000n);
    expect(end.readBigUInt64LE(64)).toBe(2n ** 35n + 100n);
  });
});
