import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  folderTree,
  type ReadableTree,
  ROOT,
  Secret,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleFile, exampleBackup, exampleBlobPath, write } from '../example-backup.ts';
import { unlockBackup } from '../open-backup.ts';
import { verifyBackup } from './verify-backup.ts';

/** More than are worth threads. */
const FILES: readonly ExampleFile[] = Array.from({ length: 2100 }, (_, index) => ({
  domain: 'HomeDomain',
  relativePath: `Library/${index}.plist`,
  content: Buffer.from(`content ${index}`),
  withDigest: index % 2 === 0,
}));

let folder: string;
let tree: WritableTree;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rootcellar-cores-'));
  tree = folderTree(folder);
  await copy(await exampleBackup({ files: FILES, password: 'apple' }), tree);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('verification on all cores', () => {
  it('says the same as on one, of a whole backup and of one that is damaged in many places', async () => {
    const keys = await unlockBackup(tree, new Secret('apple'));
    for (const damaged of [[], FILES.slice(100, 130)]) {
      for (const file of damaged) await write(tree, exampleBlobPath(file), Buffer.alloc(7));
      const onOne = await verifyBackup(tree, { keys });
      expect(await verifyBackup(tree, { keys, diskFolder: folder })).toEqual(onOne);
      expect(onOne.findings).toHaveLength(damaged.length);
    }
  });

  it('tells how far it is, and stops when told to', async () => {
    const seen: number[] = [];
    const keys = await unlockBackup(tree, new Secret('apple'));
    await verifyBackup(tree, { keys, diskFolder: folder, onProgress: ({ files }) => seen.push(files) });
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(seen.at(-1)).toBe(FILES.length);
    const stop = new AbortController();
    const stopped = verifyBackup(tree, {
      keys,
      diskFolder: folder,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

async function copy(from: ReadableTree, to: WritableTree, path: TreePath = ROOT): Promise<void> {
  for await (const entry of from.list(path)) {
    if (entry.kind === 'folder') await copy(from, to, entry.path);
    else await to.write(entry.path, from.read(entry.path));
  }
}
