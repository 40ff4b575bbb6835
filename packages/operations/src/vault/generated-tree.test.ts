import { treePath } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { generatedTree } from './generated-tree.ts';

const list = () => ['one ', 'two ', 'three'].map((word) => Buffer.from(word));
const tree = () => generatedTree(new Map([[treePath('.rootcellar/list'), list]]));

async function read(path: string, range?: { start: number; end?: number }): Promise<string> {
  return Buffer.concat(await Array.fromAsync((await tree()).read(treePath(path), range))).toString();
}

test('has its files, as large as they will be', async () => {
  const made = await tree();
  expect(await Array.fromAsync(made.list(treePath('')))).toMatchObject([
    { path: '.rootcellar', kind: 'folder' },
  ]);
  expect(await made.stat(treePath('.rootcellar/list'))).toMatchObject({ kind: 'file', sizeBytes: 13 });
  expect(await made.stat(treePath('other'))).toBeUndefined();
});

test('makes them whenever they are read, or a part of them', async () => {
  expect(await read('.rootcellar/list')).toBe('one two three');
  expect(await read('.rootcellar/list', { start: 2, end: 9 })).toBe('e two t');
  expect(await read('.rootcellar/list', { start: 20 })).toBe('');
  await expect(read('other')).rejects.toMatchObject({ code: 'tree.not-found' });
  await expect(read('.rootcellar')).rejects.toMatchObject({ code: 'tree.is-a-folder' });
});
