import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { treeError } from '../errors.ts';
import { faultyTree } from './faulty-tree.ts';
import { folderTree } from './folder-tree.ts';
import { memoryTree } from './memory-tree.ts';
import { overlayTree } from './overlay-tree.ts';
import { nestedTree, subTree } from './placed-tree.ts';
import { describeWritableTree } from './tree-contract.ts';
import { type TreePath, treePath } from './tree-path.ts';

const temporary: string[] = [];
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-tree-'));
  temporary.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of temporary) await rm(folder, { recursive: true, force: true });
});

describeWritableTree('memory', async () => memoryTree());
describeWritableTree('a folder on disk', async () => folderTree(await temporaryFolder()));
describeWritableTree('a faulty tree that behaves', async () => faultyTree(memoryTree(), () => {}));
describeWritableTree('an overlay on nothing', async () =>
  overlayTree({ base: memoryTree(), upper: memoryTree() }),
);
describeWritableTree('a folder of a tree as a tree', async () => subTree(memoryTree(), treePath('a/b')));
describeWritableTree('an overlay on a disk, all of whose base was removed', async () => {
  const base = folderTree(await temporaryFolder());
  for (const name of ['a/b/1', 'from/1', 'to/2', 'file', 'x/file']) {
    await base.write(treePath(name), [Buffer.from('of the base')]);
  }
  const tree = await overlayTree({ base, upper: folderTree(await temporaryFolder()) });
  await tree.remove('' as TreePath);
  return tree;
});

describe('an overlay', () => {
  const setUp = async () => {
    const base = memoryTree();
    await base.write(treePath('a/1'), [Buffer.from('one')]);
    await base.write(treePath('a/2'), [Buffer.from('two')]);
    const upper = memoryTree();
    const changes = memoryTree();
    return { base, upper, changes, tree: await overlayTree({ base, upper, changes }) };
  };
  const read = async (tree: ReturnType<typeof memoryTree>, name: string) =>
    Buffer.concat(await Array.fromAsync(tree.read(treePath(name)))).toString();
  const list = async (tree: ReturnType<typeof memoryTree>, name: string) =>
    (await Array.fromAsync(tree.list(treePath(name)))).map((entry) => entry.path).sort();

  test('shows the base, then what was written over it', async () => {
    const { base, tree } = await setUp();
    await tree.write(treePath('a/1'), [Buffer.from('changed')]);
    await tree.write(treePath('a/3'), [Buffer.from('new')]);
    expect(await list(tree, 'a')).toEqual(['a/1', 'a/2', 'a/3']);
    expect(await read(tree, 'a/1')).toBe('changed');
    expect(await read(tree, 'a/2')).toBe('two');
    expect(await read(base, 'a/1')).toBe('one');
  });

  test('moves a file of the base without copying it', async () => {
    const { base, upper, tree } = await setUp();
    await tree.move(treePath('a/1'), treePath('b/1'));
    await tree.move(treePath('b/1'), treePath('a/2'));
    expect(await read(tree, 'a/2')).toBe('one');
    expect(await list(tree, 'a')).toEqual(['a/2']);
    expect(await list(upper, 'a')).toEqual([]);
    expect(await list(base, 'a')).toEqual(['a/1', 'a/2']);
  });

  test('goes on where an earlier one stopped', async () => {
    const { base, upper, changes, tree } = await setUp();
    await tree.move(treePath('a/1'), treePath('b/1'));
    await tree.remove(treePath('a/2'));
    await tree.move(treePath('b/1'), treePath('c'));
    await tree.write(treePath('d'), [Buffer.from('new')]);
    const again = await overlayTree({ base, upper, changes });
    expect(await list(again, '')).toEqual(await list(tree, ''));
    expect(await list(again, 'a')).toEqual([]);
    expect(await read(again, 'c')).toBe('one');
    expect(await list(base, 'a')).toEqual(['a/1', 'a/2']);
  });

  test('shows a moved file once, also if there was no time to note that its old name is gone', async () => {
    const { base, upper, changes, tree } = await setUp();
    await tree.move(treePath('a/1'), treePath('b/1'));
    for await (const { path } of changes.list(treePath('')))
      if (path.endsWith('.removed')) await changes.remove(path);
    const again = await overlayTree({ base, upper, changes });
    expect(await list(again, 'a')).toEqual(['a/2']);
    expect(await read(again, 'b/1')).toBe('one');
  });

  test('shows what was written over a moved file, also if there was no time to forget the move', async () => {
    const { base, upper, changes, tree } = await setUp();
    await tree.move(treePath('a/1'), treePath('b/1'));
    await upper.write(treePath('b/1'), [Buffer.from('new')]);
    const again = await overlayTree({ base, upper, changes });
    expect(await read(again, 'b/1')).toBe('new');
    expect([...again.moved.keys()]).toEqual([]);
    expect(await list(again, 'a')).toEqual(['a/2']);
  });

  test('a folder made again after its removal does not show what was in it', async () => {
    const { tree } = await setUp();
    await tree.remove(treePath('a'));
    await tree.makeFolder(treePath('a'));
    expect(await list(tree, 'a')).toEqual([]);
  });
});

describe('a nested tree', () => {
  test('shows one folder of the given name, and nothing beside it', async () => {
    const inner = memoryTree();
    await inner.write(treePath('file'), [Buffer.from('x')]);
    const tree = nestedTree(inner, 'UDID');
    const paths = async (folder: string) =>
      (await Array.fromAsync(tree.list(treePath(folder)))).map((entry) => entry.path);
    expect(await paths('')).toEqual(['UDID']);
    expect(await paths('UDID')).toEqual(['UDID/file']);
    expect(await paths('other')).toEqual([]);
    expect(await tree.stat(treePath('other/file'))).toBeUndefined();
    const read = (path: string) => Array.fromAsync(tree.read(treePath(path)));
    await expect(read('other/file')).rejects.toMatchObject({ code: 'tree.not-found' });
    for (const folder of ['', 'UDID'])
      await expect(read(folder)).rejects.toMatchObject({ code: 'tree.is-a-folder' });
    expect(await read('UDID/file')).toEqual([Buffer.from('x')]);
    await expect(tree.write(treePath('other'), [])).rejects.toMatchObject({ code: 'tree.path-unsafe' });
    await tree.write(treePath('UDID/a/b'), [Buffer.from('y')]);
    expect((await inner.stat(treePath('a/b')))?.sizeBytes).toBe(1);
  });
});

describe('a folder on disk', () => {
  test('does not follow symbolic links out of itself', async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'secret');
    const inside = await temporaryFolder();
    await symlink(outside, join(inside, 'way-out'));
    await symlink(join(outside, 'secret'), join(inside, 'file'));
    const tree = folderTree(inside);

    expect(await Array.fromAsync(tree.list(treePath('')))).toEqual([]);
    expect(await tree.stat(treePath('way-out/secret'))).toBeUndefined();
    await expect(tree.write(treePath('way-out/new'), [])).rejects.toMatchObject({
      code: 'tree.not-a-folder',
    });
    await expect(tree.makeFolder(treePath('way-out/new'))).rejects.toMatchObject({
      code: 'tree.not-a-folder',
    });
    await tree.write(treePath('file'), [Buffer.from('mine')]);
    expect(await Array.fromAsync(folderTree(outside).list(treePath('')))).toHaveLength(1);
  });

  test('lists, writes and moves also where another program has removed a folder that it knew', async () => {
    const directory = await temporaryFolder();
    const tree = folderTree(directory);
    const again = async () => {
      await tree.write(treePath('a/b/file'), [Buffer.from('old')]);
      await tree.write(treePath('other'), [Buffer.from('moved')]);
      await rm(join(directory, 'a'), { recursive: true });
    };
    await again();
    expect(await Array.fromAsync(tree.list(treePath('a/b')))).toEqual([]);
    expect(await Array.fromAsync(tree.list(treePath('a')))).toEqual([]);
    await again();
    await tree.write(treePath('a/b/file'), [Buffer.from('new')]);
    expect((await tree.stat(treePath('a/b/file')))?.sizeBytes).toBe(3);
    await again();
    await tree.move(treePath('other'), treePath('a/b/file'));
    expect((await tree.stat(treePath('a/b/file')))?.sizeBytes).toBe(5);
    await expect(tree.move(treePath('absent'), treePath('a/b/file'))).rejects.toThrow('missing');
  });

  test('says that the disk is full, and of what size', async () => {
    const tree = faultyTree(memoryTree({ capacityBytes: 4 }), () => {});
    await expect(tree.write(treePath('five'), [Buffer.alloc(5)])).rejects.toMatchObject({
      code: 'tree.disk-full',
    });
    expect(await tree.freeBytes()).toBe(4);
  });
});

describe('a faulty tree', () => {
  test('fails at the change it was told to, and only there', async () => {
    const tree = faultyTree(memoryTree(), ({ kind, change }) => {
      if (change === 3) throw treeError('input-output', { kind });
    });
    await tree.makeFolder(treePath('a'));
    await expect(tree.write(treePath('b'), [Buffer.from('x')])).rejects.toMatchObject({
      details: { kind: 'writePiece' },
    });
    await tree.write(treePath('c'), [Buffer.from('x')]);
  });
});
