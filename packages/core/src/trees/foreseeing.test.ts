import { expect, test } from 'vitest';
import { entryToRead, foreseeing } from './foreseeing.ts';
import { memoryTree } from './memory-tree.ts';
import { overlayTree } from './overlay-tree.ts';
import { nestedTree, subTree } from './placed-tree.ts';
import type { ReadableTree, TreeEntry } from './tree.ts';
import { type TreePath, treePath } from './tree-path.ts';
import { unionTree } from './union-tree.ts';

const MEBIBYTE = 1024 * 1024;

function listening(tree: ReadableTree = memoryTree()) {
  const told: TreePath[][] = [];
  const listener: ReadableTree = {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read: (path, range, options) => tree.read(path, range, options),
    foresee: async (paths) => void told.push([...paths]),
  };
  return { tree: listener, told };
}

const entry = (name: string, sizeBytes: number): TreeEntry => ({
  path: treePath(name),
  kind: 'file',
  sizeBytes,
  modifiedAt: new Date(0),
});

test('a tree hears of files before they come, and of some MiB at a time', async () => {
  const { tree, told } = listening();
  const entries = Array.from({ length: 40 }, (_, n) => entry(`${n}`, MEBIBYTE));
  const heardBefore: boolean[] = [];
  for await (const { path } of foreseeing(tree, entries, entryToRead))
    heardBefore.push(told.flat().includes(path) && told.flat().length <= Number(path) + 12);
  expect(heardBefore).toEqual(entries.map(() => true));
  expect(told.flat()).toEqual(entries.map(({ path }) => path));
});

test('of folders, and of what will not be read, it hears nothing', async () => {
  const { tree, told } = listening();
  const entries = [entry('a', 1), { ...entry('folder', 0), kind: 'folder' as const }, entry('b', 1)];
  const items = await Array.fromAsync(foreseeing(tree, entries, entryToRead));
  expect(items).toEqual(entries);
  expect(told.flat()).toEqual(['a', 'b']);
});

test('who stops early stops the source', async () => {
  let isClosed = false;
  const source = function* () {
    try {
      for (let n = 0; ; n += 1) yield entry(`${n}`, MEBIBYTE);
    } finally {
      isClosed = true;
    }
  };
  for await (const _ of foreseeing(memoryTree(), source(), entryToRead)) break;
  expect(isClosed).toBe(true);
});

test('trees around it pass on what it is told, by its own names', async () => {
  const below = memoryTree();
  await below.write(treePath('UDID/00/file'), [Buffer.from('x')]);
  const { tree, told } = listening(below);
  const inside = subTree(tree, treePath('UDID'));
  const over = await overlayTree({ base: inside, upper: memoryTree() });
  const around = unionTree(memoryTree(), nestedTree(over, 'home'));
  await around.foresee?.(['home/00/file', 'home/00/none', 'elsewhere'].map(treePath));
  expect(told).toEqual([['UDID/00/file']]);
});

test('of trees seen through one another, only the one that will be read is told', async () => {
  const below = memoryTree();
  await below.write(treePath('in-both'), [Buffer.from('x')]);
  await below.write(treePath('below'), [Buffer.from('x')]);
  const above = memoryTree();
  await above.write(treePath('in-both'), [Buffer.from('y')]);
  const [upper, lower] = [listening(above), listening(below)];
  await unionTree(upper.tree, lower.tree).foresee?.(['in-both', 'below'].map(treePath));
  expect([upper.told, lower.told]).toEqual([[['in-both']], [['below']]]);
});
