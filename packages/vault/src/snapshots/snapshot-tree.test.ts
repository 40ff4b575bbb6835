import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { AtOnce, entryToRead, foreseeing, seededRandom, treePath } from '@rootcellar/core';
import { describe, expect, test, vi } from 'vitest';
import { exampleVault, filesIn, saveExample } from '../example-vault.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { openSnapshot } from './snapshot-tree.ts';

const FILES = { 'a/one': 'first', 'a/b/two': 'second', empty: '', 'ü/👩‍👩‍👧\n': 'named' };

/** A database of 3 MiB, every page of which is different. */
function database(): Buffer {
  const bytes = Buffer.alloc(3 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
  bytes.write('SQLite format 3\0');
  return bytes;
}

describe('a snapshot as a tree', () => {
  test('has the files that were saved, and their folders', async () => {
    const contents = await exampleVault();
    const tree = openSnapshot(contents, await saveExample(contents, FILES));
    expect(await filesIn(tree)).toEqual({ ...FILES, 'ü/👩‍👩‍👧\n': 'named' });
    expect((await Array.fromAsync(tree.list(treePath('a')))).map(({ path, kind }) => [path, kind])).toEqual([
      ['a/b', 'folder'],
      ['a/one', 'file'],
    ]);
    expect(await tree.stat(treePath('a/one'))).toMatchObject({ kind: 'file', sizeBytes: 5 });
    expect(await tree.stat(treePath('a'))).toMatchObject({ kind: 'folder', sizeBytes: 0 });
    expect(await tree.stat(treePath(''))).toMatchObject({ kind: 'folder' });
  });

  test('answers for what is not there as every tree does', async () => {
    const contents = await exampleVault();
    const tree = openSnapshot(contents, await saveExample(contents, FILES));
    const read = (name: string) => Array.fromAsync(tree.read(treePath(name)));
    expect(await tree.stat(treePath('a/none'))).toBeUndefined();
    expect(await tree.stat(treePath('empty/below'))).toBeUndefined();
    expect(await Array.fromAsync(tree.list(treePath('none')))).toEqual([]);
    await expect(Array.fromAsync(tree.list(treePath('empty')))).rejects.toMatchObject({
      code: 'tree.not-a-folder',
    });
    await expect(read('none')).rejects.toMatchObject({ code: 'tree.not-found' });
    await expect(read('a')).rejects.toMatchObject({ code: 'tree.is-a-folder' });
    await expect(read('')).rejects.toMatchObject({ code: 'tree.is-a-folder' });
  });

  test('gives any part of a file, whatever pieces it was cut into', async () => {
    const contents = await exampleVault();
    const whole = database();
    const tree = openSnapshot(contents, await saveExample(contents, { db: whole }));
    const random = seededRandom('ranges');
    for (let i = 0; i < 30; i += 1) {
      const start = random.below(whole.length + 10);
      const end = start + random.below(i % 2 ? 40_000 : whole.length);
      const pieces = await Array.fromAsync(tree.read(treePath('db'), { start, end }));
      expect(Buffer.compare(Buffer.concat(pieces), whole.subarray(start, end))).toBe(0);
      expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(256 * 1024);
    }
    const rest = await Array.fromAsync(tree.read(treePath('db'), { start: whole.length - 5 }));
    expect(Buffer.concat(rest)).toEqual(whole.subarray(-5));
  });

  test('reads no more of a large file than a range needs', async () => {
    let readBytes = 0;
    const count = (_: unknown, bytes: Uint8Array) => {
      readBytes += bytes.length;
      return bytes;
    };
    const contents = await exampleVault(faultyStorage(memoryStorage(), { lie: count }));
    const tree = openSnapshot(contents, await saveExample(contents, { db: database() }));
    await tree.stat(treePath('db'));
    readBytes = 0;
    await Array.fromAsync(tree.read(treePath('db'), { start: 1_500_000, end: 1_500_100 }));
    expect(readBytes).toBeGreaterThan(100);
    expect(readBytes).toBeLessThan(2 * 16_500);
  });

  test('fetches many small files in few calls, if it is told that they come', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `folder/${String(n).padStart(3, '0')}`);
    const random = seededRandom('small files');
    const files = Object.fromEntries(names.map((name) => [name, Buffer.from(random.bytes(3_000))]));
    let calls = 0;
    const count = (_: unknown, bytes: Uint8Array) => {
      calls += 1;
      return bytes;
    };
    const contents = await exampleVault(faultyStorage(memoryStorage(), { lie: count }));
    const tree = openSnapshot(contents, await saveExample(contents, files));
    await tree.stat(treePath('folder/000'));
    calls = 0;
    const read: string[] = [];
    // Not in the order in which they lie there.
    for await (const name of foreseeing(tree, names.toReversed(), (each) => ({
      path: treePath(each),
      sizeBytes: 3_000,
    }))) {
      const pieces: Buffer[] = [];
      for await (const piece of tree.read(treePath(name), undefined, { lent: true }))
        pieces.push(Buffer.from(piece));
      if (files[name]?.equals(Buffer.concat(pieces))) read.push(name);
    }
    expect(read).toEqual(names.toReversed());
    expect(calls).toBeLessThan(5);
  });

  test('fetches no byte twice for four who read large files at the same time', {
    timeout: 60_000,
  }, async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`file ${n}`, randomBytes(8 * 1024 * 1024)]),
    );
    let fetchedBytes = 0;
    const count = (_: unknown, bytes: Uint8Array) => {
      fetchedBytes += bytes.length;
      return bytes;
    };
    const contents = await exampleVault(faultyStorage(memoryStorage(), { lie: count }));
    const tree = openSnapshot(contents, await saveExample(contents, files));
    fetchedBytes = 0;
    const reading = new AtOnce(4);
    for await (const { path } of foreseeing(tree, tree.list(treePath('')), entryToRead)) {
      await reading.start(async () => {
        for await (const _ of tree.read(path, undefined, { lent: true })) await setImmediate();
      });
    }
    await reading.end();
    expect(fetchedBytes / (12 * 8 * 1024 * 1024)).toBeLessThan(1.01);
  });

  test('decodes a folder once, however large it is', { timeout: 60_000 }, async () => {
    const contents = await exampleVault();
    const names = Array.from({ length: 25_000 }, (_, n) => String(n).padStart(250, '0'));
    const snapshot = await saveExample(contents, Object.fromEntries(names.map((name) => [name, ''])));
    const tree = openSnapshot(contents, snapshot);
    await tree.stat(treePath(names[0] ?? ''));
    const read = vi.spyOn(contents.reader, 'read');
    for (const name of names.slice(-50)) expect(await tree.stat(treePath(name))).toBeDefined();
    expect(read).not.toHaveBeenCalled();
  });

  test('never gives bytes that were changed where they are stored', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const snapshot = await saveExample(contents, { one: 'first', two: 'x'.repeat(1000) });
    for (const [name, bytes] of storage.files) {
      if (name.startsWith('data/'))
        storage.files.set(
          name,
          bytes.map((byte) => byte ^ 1),
        );
    }
    await expect(filesIn(openSnapshot(contents, snapshot))).rejects.toMatchObject({
      code: 'vault.blob-damaged',
    });
  });
});
