import {
  type Clock,
  memoryTree,
  type ReadableTree,
  ROOT,
  Secret,
  systemClock,
  type TreePath,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { Contents } from './repository/contents.ts';
import { createRepository } from './repository/repository.ts';
import { type SaveOptions, saveSnapshot } from './snapshots/save-snapshot.ts';
import type { Snapshot } from './snapshots/snapshot.ts';
import { memoryStorage } from './storage/memory-storage.ts';
import type { Storage } from './storage/storage.ts';

/** For tests: work that takes no time. */
export const QUICK_WORK = { N: 2, r: 8, p: 1 };

export const EXAMPLE_PASSWORD = new Secret('correct horse');

/** For tests: short waits take no time, long ones (as for the refresh of a lock) last until they are ended. */
export const HASTY_CLOCK: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => (ms < 1000 ? Promise.resolve() : systemClock.sleep(ms, signal)),
};

/** For tests: an empty vault in memory, or in another storage. */
export async function exampleVault(storage: Storage = memoryStorage()): Promise<Contents> {
  const repository = await createRepository(storage, { password: EXAMPLE_PASSWORD, work: QUICK_WORK });
  return Contents.open(repository);
}

/** For tests: a tree in memory with these files. */
export async function exampleTree(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<WritableTree> {
  const tree = memoryTree();
  for (const [name, content] of Object.entries(files)) {
    await tree.write(treePath(name), [typeof content === 'string' ? Buffer.from(content) : content]);
  }
  return tree;
}

/** For tests: saves these files. */
export async function saveExample(
  contents: Contents,
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<SaveOptions> = {},
): Promise<Snapshot> {
  const tree = await exampleTree(files);
  return saveSnapshot(contents, { tree, paths: ['/phone'], hostname: 'hub', clock: HASTY_CLOCK, ...options });
}

/** For tests: every file of a tree, by its name. */
export async function filesIn(tree: ReadableTree, folder: TreePath = ROOT): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, kind } of tree.list(folder)) {
    if (kind === 'folder') Object.assign(found, await filesIn(tree, path));
    else found[path] = Buffer.concat(await Array.fromAsync(tree.read(path))).toString('latin1');
  }
  return found;
}
