import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPhoneFiles } from './create-phone-files.ts';
import { readWhole } from './file-content.ts';
import type { FileContent, PhoneFileSystem, Recipe } from './phone-file-system.ts';

const START = new Date('2026-05-03T10:00:00Z');
const START_SECONDS = START.getTime() / 1000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the disk of a phone', () => {
  let clock = manualClock(START);
  let files: PhoneFileSystem;

  beforeEach(async () => {
    clock = manualClock(START);
    files = await createPhoneFiles({ clock, capacityBytes: 1000 });
  });

  it('makes missing parents and gives new files what iOS gives them', () => {
    const node = files.writeFile('/var/mobile/a.txt', bytes('hello'));
    expect(files.list('/var')).toEqual(['mobile']);
    expect(node.attributes).toMatchObject({
      permissions: 0o644,
      userID: 501,
      protectionClass: 3,
      changedAt: START_SECONDS,
    });
    expect(node.sizeBytes).toBe(5);
  });

  it.each([
    'relative',
    '/a/../b',
    '/a//b',
    '/a/',
    '/./a',
    '/a\0b',
    `/${'x'.repeat(256)}`,
    `/${'y/'.repeat(600)}z`,
  ])('refuses the hostile path %s', (path) => {
    expect(() => files.writeFile(path, bytes(''))).toThrow('not allowed');
    expect(() => files.stat(path)).toThrow('not allowed');
  });

  it('moves the change time on at every change, even within one second', () => {
    const first = files.writeFile('/a', bytes('1')).attributes.changedAt;
    const second = files.writeFile('/a', bytes('2'), { modifiedAt: START_SECONDS }).attributes.changedAt;
    files.setAttributes('/a', { flags: 128 });
    const third = files.stat('/a')?.attributes.changedAt;
    expect([second, third]).toEqual([first + 1, first + 2]);
  });

  it('leaves what somebody still reads as it was', async () => {
    const before = files.writeFile('/a', bytes('old'));
    files.writeFile('/a', bytes('new'));
    expect(before.content && (await readWhole(before.content))).toEqual(bytes('old'));
  });

  it('keeps the inode when a file is renamed or replaced', () => {
    const { inode } = files.writeFile('/a', bytes('1'));
    files.rename('/a', '/folder/b');
    files.writeFile('/folder/b', bytes('2'));
    expect(files.stat('/folder/b')?.inode).toBe(inode);
    expect(files.stat('/a')).toBeUndefined();
  });

  it('gives a wished inode once only', () => {
    expect(files.writeFile('/a', bytes(''), { inode: 5000 }).inode).toBe(5000);
    expect(files.writeFile('/b', bytes(''), { inode: 5000 }).inode).not.toBe(5000);
    files.remove('/a');
    expect(files.writeFile('/c', bytes(''), { inode: 5000 }).inode).toBe(5000);
  });

  it('does not move a folder into itself or over its parent', () => {
    files.writeFile('/a/b/c', bytes(''));
    expect(() => files.rename('/a', '/a/b/d')).toThrow('into itself');
    expect(() => files.rename('/a/b/c', '/a')).toThrow('folder stands');
  });

  it('counts used bytes and refuses what does not fit', () => {
    files.writeFile('/a', new Uint8Array(600));
    expect(() => files.writeFile('/b', new Uint8Array(500))).toThrow('full');
    files.writeFile('/a', new Uint8Array(100));
    files.writeFile('/d/b', new Uint8Array(500));
    expect(files.usedBytes()).toBe(600);
    files.remove('/d');
    expect(files.usedBytes()).toBe(100);
    files.remove('/');
    expect([files.usedBytes(), files.list('/')]).toEqual([0, []]);
  });

  it('walks parents before children and siblings sorted by code unit', () => {
    for (const path of ['/b/z', '/b/a', '/a', '/É', '/E\u0301']) files.writeFile(path, bytes(''));
    expect([...files.walk('/')].map((node) => node.path)).toEqual([
      '/',
      '/E\u0301',
      '/a',
      '/b',
      '/b/a',
      '/b/z',
      '/É',
    ]);
  });
});

describe('the disk of a phone with a state folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phone-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (): Promise<PhoneFileSystem> =>
    createPhoneFiles({ clock: manualClock(START), stateFolder: folder });
  const describeAll = async (files: PhoneFileSystem) =>
    Promise.all(
      [...files.walk('/')].map(async ({ content, ...node }) => ({
        ...node,
        bytes: content && (await readWhole(content)),
      })),
    );

  it('comes back as it was saved, metadata included', async () => {
    const files = await open();
    const extendedAttributes = new Map([['com.apple.test', new Uint8Array([0, 255])]]);
    files.writeFile('/Fotos 🏔/e\u0301', bytes('nfd'), { extendedAttributes, inode: 77_000, flags: 128 });
    files.makeLink('/link', '/var/db/timezone', { permissions: 0o755 });
    files.makeFolder('/empty', { protectionClass: 4 });
    files.writeFile('/nothing', bytes(''));
    await files.save();
    const again = await open();
    expect(await describeAll(again)).toEqual(await describeAll(files));
    expect(again.usedBytes()).toBe(3);
  });

  it('keeps of content made on the fly only how to make it', async () => {
    const made = (sizeBytes: number): FileContent => ({
      sizeBytes,
      recipe: { kind: 'zeros', sizeBytes },
      async *read(start = 0) {
        yield new Uint8Array(sizeBytes - start);
      },
    });
    const files = await open();
    files.writeFile('/made', made(5000));
    files.writeFile('/given', bytes('given'));
    await files.save();
    expect(await readdir(join(folder, 'content'))).toHaveLength(1);
    const remake = (recipe: Recipe): FileContent => made(Number(recipe['sizeBytes']));
    const again = await createPhoneFiles({ clock: manualClock(START), stateFolder: folder, remake });
    expect(await describeAll(again)).toEqual(await describeAll(files));
    await expect(open()).rejects.toMatchObject({ code: 'phone-files.state-damaged' });
  });

  it('writes its list again only after a change of whatever kind', async () => {
    const files = await open();
    files.writeFile('/a/file', bytes('1'));
    const list = join(folder, 'files.json');
    const changes: readonly (() => unknown)[] = [
      () => files.writeFile('/a/file', bytes('2')),
      () => files.setAttributes('/a/file', { flags: 128 }),
      () => files.makeFolder('/b'),
      () => files.makeFolder('/b', { permissions: 0o700 }),
      () => files.makeLink('/link', '/a'),
      () => files.rename('/a/file', '/b/file'),
      () => files.remove('/a'),
      () => files.remove('/'),
    ];
    for (const change of changes) {
      await files.save();
      const before = await readFile(list, 'utf8');
      await writeFile(list, 'untouched');
      await files.save();
      expect(await readFile(list, 'utf8')).toBe('untouched');
      change();
      await files.save();
      expect(await readFile(list, 'utf8')).not.toBe(before);
      expect(await describeAll(await open())).toEqual(await describeAll(files));
    }
  });

  it('forgets what was not saved, and clears contents nobody names', async () => {
    const files = await open();
    files.writeFile('/a', bytes('saved'));
    await files.save();
    await files.receiveContent(
      (async function* () {
        yield bytes('staged');
      })(),
    );
    files.writeFile('/a', bytes('not saved'));
    const again = await open();
    expect((await describeAll(again))[1]?.bytes).toEqual(bytes('saved'));
    expect(await readdir(join(folder, 'content'))).toHaveLength(1);
  });

  it('says that damaged state is damaged', async () => {
    await writeFile(join(folder, 'files.json'), '{"version":1,"nodes":[{"path":"/../x"}]}');
    await expect(open()).rejects.toThrow('cannot be read');
    await writeFile(join(folder, 'files.json'), 'not json');
    await expect(open()).rejects.toMatchObject({ code: 'phone-files.state-damaged' });
  });
});
