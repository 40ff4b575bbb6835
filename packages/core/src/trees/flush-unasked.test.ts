import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { flushFiles } from './flush-files.ts';
import { folderTree } from './folder-tree.ts';
import { ROOT, treePath } from './tree-path.ts';

vi.mock('./flush-files.ts', () => ({ flushFiles: vi.fn(async () => {}) }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rootcellar-flush-'));
  vi.mocked(flushFiles).mockReset();
});
afterEach(() => rm(folder, { recursive: true }));

/** Names below the folder that the nth flush made durable, without folders. */
function flushedBy(call: number): readonly string[] {
  const files = vi.mocked(flushFiles).mock.calls[call]?.[1] ?? [];
  return files.map((file) => file.slice(folder.length + 1)).filter((name) => name.startsWith('file'));
}

test('a folder that is told to flush late remembers no more changes than it may', async () => {
  const tree = folderTree(folder, { unflushedMax: 4 });
  for (let n = 0; n < 6; n += 1) await tree.write(treePath(`file${n}`), []);
  expect(flushFiles).toHaveBeenCalledTimes(1);
  expect(flushedBy(0)).toEqual(['file0', 'file1', 'file2', 'file3']);
  await tree.move(treePath('file0'), treePath('file9'));
  await tree.flush();
  expect(new Set([...flushedBy(1), ...flushedBy(2)])).toEqual(new Set(['file4', 'file5', 'file9']));
});

test('what a failed flush did not make durable belongs to the next one', async () => {
  const tree = folderTree(folder);
  await tree.write(treePath('file1'), []);
  vi.mocked(flushFiles).mockRejectedValueOnce(Object.assign(new Error('disk'), { code: 'EIO' }));
  await expect(tree.flush()).rejects.toMatchObject({ code: 'tree.input-output' });
  await tree.write(treePath('file2'), []);
  await tree.flush();
  expect(flushedBy(1)).toEqual(['file1', 'file2']);
  expect(await tree.stat(ROOT)).toBeDefined();
});
