import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { treeError } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileIDOf } from '../folder/blob-path.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { type ExtractOptions, extractFiles, type LeftOut } from './extract-files.ts';
import type { ExtractionWriter } from './extraction-writer.ts';

const MODIFIED = new Date('2024-05-03T08:00:01Z');

let around: string;
let to: string;
beforeEach(async () => {
  around = await mkdtemp(join(tmpdir(), 'rootcellar-test-'));
  to = join(around, 'to');
  mkdirSync(to);
});
afterEach(() => rm(around, { recursive: true }));

describe('extractFiles', () => {
  it('writes files where the device had them, with dates and permissions', async () => {
    const entries = [entry('Library', { kind: 'folder' }), entry('Library/a.txt', { mode: 0o106755 })];
    const done = await extract(entries);
    expect(done).toEqual({
      files: 1,
      bytes: 'content of Library/a.txt'.length,
      kept: 0,
      folders: 2,
      renamed: 0,
      links: 0,
      unreadable: 0,
    });
    const file = join(to, 'HomeDomain/Library/a.txt');
    expect(readFileSync(file, 'utf8')).toBe('content of Library/a.txt');
    expect(statSync(file).mtime).toEqual(MODIFIED);
    expect(statSync(file).mode & 0o7777).toBe(0o755);
    expect(statSync(join(to, 'HomeDomain')).mode & 0o7777).toBe(0o700);
    expect(readdirSync(to)).toEqual(['HomeDomain']);
  });

  it('writes files that we can read, whatever their permissions were', async () => {
    await extract([entry('a', { mode: 0o100000 }), entry('b', { mode: undefined })]);
    expect(statSync(join(to, 'HomeDomain/a')).mode & 0o7777).toBe(0o400);
    expect(statSync(join(to, 'HomeDomain/b')).mode & 0o7777).toBe(0o600);
  });

  it('stays inside, whatever the names are', async () => {
    const odd = ['../../out', '/etc/passwd', 'a/../../../b', 'C:\\Windows', 'nul', 'a\u0000b', 'a.'];
    const done = await extract(odd.map((path) => entry(path)));
    expect(done).toMatchObject({ files: 7, renamed: 7 });
    expect(tree()).toEqual([
      'HomeDomain/%6Eul',
      'HomeDomain/.%2E/.%2E/out',
      'HomeDomain/C%3A%5CWindows',
      'HomeDomain/a%00b',
      'HomeDomain/a%2E',
      'HomeDomain/a/.%2E/.%2E/.%2E/b',
      'HomeDomain/etc/passwd',
    ]);
    expect(readdirSync(around)).toEqual(['to']);
  });

  it('keeps apart what some file systems take for the same', async () => {
    const paths = ['A.txt', 'a.txt', '\u00e4', 'a\u0308', 'Docs/x', 'docs/x', 'docs', 'docs/y'];
    await extract(paths.map((path) => entry(path)));
    expect(tree()).toEqual([
      'HomeDomain/A.txt',
      'HomeDomain/Docs/x',
      'HomeDomain/a (2).txt',
      'HomeDomain/a\u0308 (2)',
      'HomeDomain/docs (2)/x',
      'HomeDomain/docs (2)/y',
      'HomeDomain/docs (3)',
      'HomeDomain/\u00e4',
    ]);
    expect(read('HomeDomain/docs (2)/y')).toBe('content of docs/y');
    expect(read('HomeDomain/a (2).txt')).toBe('content of a.txt');
  });

  it('makes no links and tells of each', async () => {
    const leftOut: LeftOut[] = [];
    const link = entry('link', { kind: 'link', target: '/etc/passwd' });
    const done = await extract([link, entry('b')], { onLeftOut: (one) => leftOut.push(one) });
    expect(done).toMatchObject({ links: 1, files: 1 });
    expect(leftOut).toEqual([{ entry: link, why: 'link' }]);
    expect(tree()).toEqual(['HomeDomain/b']);
  });

  it('follows no links that lie there', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'rootcellar-outside-'));
    try {
      writeFileSync(join(outside, 'b'), 'mine');
      symlinkSync(outside, join(to, 'HomeDomain'));
      mkdirSync(join(to, 'OtherDomain'));
      symlinkSync(join(outside, 'b'), join(to, 'OtherDomain/b'));
      symlinkSync(outside, join(to, '.rootcellar-unfinished'));
      await extract([entry('a'), entry('b', { domain: 'OtherDomain' })]);
      expect(readdirSync(outside)).toEqual(['b']);
      expect(readFileSync(join(outside, 'b'), 'utf8')).toBe('mine');
      expect(read('HomeDomain (2)/a')).toBe('content of a');
      expect(read('OtherDomain/b (2)')).toBe('content of b');
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('does not write again what is there, and reads it only if it must', async () => {
    const whole = 'content of a'.length;
    const entries = [
      entry('a', { sizeBytes: whole }),
      entry('b.db', { sizeBytes: 7 }),
      entry('c', { modifiedAt: undefined }),
    ];
    expect(await extract(entries)).toMatchObject({ files: 3, kept: 0 });
    const before = tree();
    const reads: string[] = [];
    const again = await extract(entries, {
      read: async function* (one) {
        reads.push(one.relativePath);
        yield* contentOf(one);
      },
    });
    expect(reads.sort()).toEqual(['b.db', 'c']);
    expect(again).toMatchObject({ files: 0, bytes: 0, kept: 3, folders: 0 });
    expect(tree()).toEqual(before);
  });

  it('changes nothing that somebody else put there', async () => {
    mkdirSync(join(to, 'HomeDomain'));
    writeFileSync(join(to, 'HomeDomain/a.txt'), 'mine, and longer than what comes now');
    writeFileSync(join(to, 'HomeDomain/b'), 'CONTENT OF b');
    mkdirSync(join(to, 'HomeDomain/c'));
    writeFileSync(join(to, 'HomeDomain/d'), 'a file');
    await extract([entry('a.txt'), entry('b'), entry('c'), entry('d/e')]);
    await extract([entry('a.txt'), entry('b'), entry('c'), entry('d/e')]);
    expect(tree()).toEqual([
      'HomeDomain/a (2).txt',
      'HomeDomain/a.txt',
      'HomeDomain/b',
      'HomeDomain/b (2)',
      'HomeDomain/c (2)',
      'HomeDomain/d',
      'HomeDomain/d (2)/e',
    ]);
    expect(read('HomeDomain/b')).toBe('CONTENT OF b');
  });

  it('goes on after a file that cannot be read, and gives it no name', async () => {
    const leftOut: LeftOut[] = [];
    const done = await extract([entry('a'), entry('bad'), entry('c')], {
      onLeftOut: (one) => leftOut.push(one),
      read: async function* (one) {
        yield* contentOf(one);
        if (one.relativePath === 'bad') throw treeError('not-found');
      },
    });
    expect(done).toMatchObject({ files: 2, unreadable: 1 });
    expect(leftOut).toMatchObject([{ why: 'unreadable', error: { code: 'tree.not-found' } }]);
    expect(tree()).toEqual(['HomeDomain/a', 'HomeDomain/c']);
  });

  it('goes on where it stopped', async () => {
    const entries = ['a', 'b', 'c'].map((path) => entry(path, { sizeBytes: `content of ${path}`.length }));
    const stop = new AbortController();
    const stopped = once(stop.signal, 'abort');
    const first = extract(entries, {
      signal: stop.signal,
      read: async function* (one) {
        yield* contentOf(one);
        if (one.relativePath === 'a') return;
        while (!existsSync(join(to, 'HomeDomain/a'))) await setImmediate();
        if (one.relativePath === 'b') stop.abort();
        else await stopped;
        yield Buffer.from(' and more');
      },
    });
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(tree()).toEqual(['HomeDomain/a']);
    mkdirSync(join(to, '.rootcellar-unfinished'));
    writeFileSync(join(to, '.rootcellar-unfinished/left'), 'over by a crash');
    expect(await extract(entries)).toMatchObject({ files: 2, kept: 1 });
    expect(tree()).toEqual(['HomeDomain/a', 'HomeDomain/b', 'HomeDomain/c']);
  });

  it('ends with an error that no file has caused, and leaves nothing half', async () => {
    const fails = extract([entry('a'), entry('b')], {
      read: async function* (one) {
        yield Buffer.from('x');
        if (one.relativePath === 'b') throw new TypeError('a mistake of ours');
      },
    });
    await expect(fails).rejects.toThrow(TypeError);
    expect(tree()).toEqual(['HomeDomain/a']);
  });

  it('ends when the disk fails, or when it is told to, whatever the error', async () => {
    const full: ExtractionWriter = {
      filesAtOnce: 1,
      folder: async ([path]: Iterable<string>) => ({ path: path as string, was: 'written' }),
      file: async () => {
        throw treeError('disk-full');
      },
      finish: async () => {},
    };
    await expect(extract([entry('a')], { to: full })).rejects.toMatchObject({ code: 'tree.disk-full' });
    const stop = new AbortController();
    const stopped = extract([entry('a')], {
      signal: stop.signal,
      read: async function* (one) {
        stop.abort(treeError('input-output'));
        yield* contentOf(one);
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'tree.input-output' });
    expect(tree()).toEqual([]);
  });

  it('says so when it may not write there', async () => {
    writeFileSync(join(to, 'file'), '');
    await expect(extract([], { to: join(to, 'file') })).rejects.toMatchObject({
      code: 'tree.not-a-folder',
    });
    await expect(extract([], { to: '/proc/x/y' })).rejects.toMatchObject({ code: /^tree\./ });
    if (process.getuid?.() === 0) return;
    chmodSync(to, 0o500);
    await expect(extract([])).rejects.toMatchObject({ code: 'tree.not-permitted' });
    chmodSync(to, 0o700);
  });

  it('gives files to whatever takes them', async () => {
    const taken: string[] = [];
    const writer: ExtractionWriter = {
      filesAtOnce: 1,
      folder: async ([path]: Iterable<string>) => ({ path: path as string, was: 'written' }),
      file: async (names, { content }) => {
        const [path] = names as Iterable<string> as [string];
        for await (const piece of content) taken.push(`${path}: ${Buffer.from(piece).toString()}`);
        return { path, was: 'written' };
      },
      finish: async () => void taken.push('the end'),
    };
    await extract([entry('a')], { to: writer });
    expect(taken).toEqual(['HomeDomain/a: content ', 'HomeDomain/a: of a', 'the end']);
  });
});

function entry(relativePath: string, changes: Partial<ManifestEntry> = {}): ManifestEntry {
  const domain = changes.domain ?? 'HomeDomain';
  return {
    fileID: fileIDOf(domain, relativePath),
    domain,
    relativePath,
    kind: 'file',
    target: undefined,
    digest: undefined,
    encryptionKey: undefined,
    extendedAttributes: undefined,
    mode: 0o100644,
    inode: 1,
    userID: 501,
    groupID: 501,
    modifiedAt: MODIFIED,
    changedAt: MODIFIED,
    bornAt: MODIFIED,
    sizeBytes: 12,
    protectionClass: 3,
    flags: 0,
    ...changes,
  };
}

async function* contentOf({ relativePath }: ManifestEntry): AsyncGenerator<Uint8Array> {
  yield Buffer.from('content ');
  yield Buffer.from(`of ${relativePath}`);
}

function extract(entries: readonly ManifestEntry[], changes: Partial<ExtractOptions> = {}) {
  return extractFiles({ entries, read: contentOf, to, ...changes });
}

/** All files below the folder, also unfinished ones, in order. */
function tree(): readonly string[] {
  const all = readdirSync(to, { recursive: true, withFileTypes: true });
  const files = all.filter(
    (one) => !one.isDirectory() && !lstatSync(join(one.parentPath, one.name)).isSymbolicLink(),
  );
  return files.map((one) => join(one.parentPath, one.name).slice(to.length + 1)).sort();
}

function read(path: string): string {
  return readFileSync(join(to, path), 'utf8');
}
