import { faultyTree, type ReadableTree, seededRandom, treePath } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { exampleTree, exampleVault, filesIn, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import { Contents } from '../repository/contents.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { saveSnapshot } from './save-snapshot.ts';
import { listSnapshots } from './snapshot-list.ts';
import { openSnapshot } from './snapshot-tree.ts';

describe('saving a tree', () => {
  test('stores the same content once, wherever it is', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const noise = seededRandom('noise').bytes(100_000);
    const first = await saveExample(contents, { a: noise, 'b/c': noise, d: 'x' });
    expect(first.summary).toMatchObject({ files: 3, filesNew: 3, bytes: 200_001 });
    expect(first.summary?.addedBytes).toBeLessThan(102_000);
    const again = await saveExample(contents, { other: noise });
    expect(again.summary?.addedBytes).toBeLessThan(1000);
  });

  test('does not read a file that is as large and as old as in the parent', async () => {
    const contents = await exampleVault();
    const tree = await exampleTree({ same: 'same', changed: 'old', 'sub/same': 'below' });
    const options = { paths: ['/phone'], hostname: 'hub', clock: HASTY_CLOCK };
    const parent = await saveSnapshot(contents, { ...options, tree });
    await tree.write(treePath('changed'), [Buffer.from('newer')]);
    await tree.write(treePath('added'), [Buffer.from('added')]);
    const read: string[] = [];
    const watched = faultyTree(tree, ({ kind, path }) => {
      if (kind === 'read') read.push(path);
    });
    const snapshot = await saveSnapshot(contents, { ...options, tree: watched, parent });
    expect(read.sort()).toEqual(['added', 'changed']);
    expect(snapshot.summary).toMatchObject({ filesNew: 1, filesChanged: 1, filesUnmodified: 2, files: 4 });
    expect(snapshot.parent).toBe(parent.recordID);
    expect(await filesIn(openSnapshot(contents, snapshot))).toEqual(await filesIn(tree));
  });

  test('reads all when told that nothing counts as unchanged', async () => {
    const contents = await exampleVault();
    const tree = await exampleTree({ a: 'a', b: 'b' });
    const options = { paths: ['/phone'], hostname: 'hub', clock: HASTY_CLOCK, tree };
    const parent = await saveSnapshot(contents, options);
    const { summary } = await saveSnapshot(contents, { ...options, parent, isUnchanged: () => false });
    expect(summary).toMatchObject({ filesUnmodified: 0, filesChanged: 2 });
  });

  test('an unchanged tree has the same tree blob, and adds nothing but a record', async () => {
    const contents = await exampleVault();
    const tree = await exampleTree({ 'a/b/c': 'x', d: 'y' });
    const options = { paths: ['/phone'], hostname: 'hub', clock: HASTY_CLOCK, tree };
    const first = await saveSnapshot(contents, options);
    const second = await saveSnapshot(contents, { ...options, parent: first });
    expect(second.tree).toBe(first.tree);
    expect(second.summary?.addedBytes).toBe(0);
  });

  test('a file that ends before its size is an error, and no snapshot appears', async () => {
    const contents = await exampleVault();
    const tree = await exampleTree({ a: 'hello' });
    const cut: ReadableTree = {
      list: (folder) => tree.list(folder),
      stat: (path) => tree.stat(path),
      read: async function* () {
        yield Buffer.from('hel');
      },
    };
    const save = saveSnapshot(contents, {
      tree: cut,
      paths: ['/phone'],
      hostname: 'hub',
      clock: HASTY_CLOCK,
    });
    await expect(save).rejects.toMatchObject({ code: 'vault.file-changed' });
    expect(await listSnapshots(contents.repository)).toEqual([]);
  });

  test('content of a save that failed is not taken for stored by the next one', async () => {
    const memory = memoryStorage();
    let isBroken = false;
    const storage = faultyStorage(memory, {
      before: ({ kind, name }) => {
        if (isBroken && kind === 'put' && name.startsWith('index/')) throw new Error('no index today');
      },
    });
    const contents = await exampleVault(storage);
    isBroken = true;
    await expect(saveExample(contents, { a: 'hello' })).rejects.toThrow('no index today');
    isBroken = false;
    const snapshot = await saveExample(contents, { a: 'hello' });
    const fresh = await Contents.open(contents.repository);
    expect(await filesIn(openSnapshot(fresh, snapshot))).toEqual({ a: 'hello' });
  });

  test('any one pack that cannot be stored fails the save', async () => {
    const files = { a: seededRandom('a').bytes(400_000), b: seededRandom('b').bytes(400_000), c: 'small' };
    for (let broken = 1; broken <= 3; broken += 1) {
      let puts = 0;
      const storage = faultyStorage(memoryStorage(), {
        before: ({ kind, name }) => {
          if (kind === 'put' && name.startsWith('data/') && ++puts === broken)
            throw new Error('not this pack');
        },
      });
      const contents = await exampleVault(storage);
      await expect(saveExample(contents, files, { packBytes: 1000 })).rejects.toThrow('not this pack');
      expect(await listSnapshots(contents.repository)).toEqual([]);
      const saved = await saveExample(contents, files, { packBytes: 1000 });
      expect(await filesIn(openSnapshot(contents, saved))).toMatchObject({ c: 'small' });
    }
  });
});

describe('checkpoints', () => {
  test('hold what has been stored so far, until the next is noted, and go when the snapshot is there', async () => {
    const contents = await exampleVault();
    const files = { 'a/1': '1', 'a/2': '2', 'b/c/3': '3', 'b/c/4': '4', 'd/5': '5' };
    const seen: { readonly files: readonly string[]; readonly whole: Record<string, string> }[] = [];
    const snapshot = await saveExample(contents, files, {
      tags: ['device:x'],
      checkpoints: {
        afterBytes: 2,
        onCheckpoint: async (checkpoint, saved) => {
          expect(checkpoint.tags).toEqual(['device:x', 'incomplete']);
          // The one before, and this one.
          const there = await listSnapshots(contents.repository);
          expect(there.length).toBe(Math.min(2, seen.length + 1));
          expect(there).toContainEqual(checkpoint);
          seen.push({ files: saved, whole: await filesIn(openSnapshot(contents, checkpoint)) });
        },
      },
    });
    expect(seen).toEqual([
      { files: ['a/1', 'a/2'], whole: { 'a/1': '1', 'a/2': '2' } },
      { files: ['b/c/3', 'b/c/4'], whole: { 'a/1': '1', 'a/2': '2', 'b/c/3': '3', 'b/c/4': '4' } },
    ]);
    expect(await listSnapshots(contents.repository)).toEqual([snapshot]);
    expect(snapshot.tags).toEqual(['device:x']);
    expect(await filesIn(openSnapshot(contents, snapshot))).toEqual(files);
  });
});
