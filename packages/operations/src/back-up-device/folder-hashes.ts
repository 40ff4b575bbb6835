import { createHash } from 'node:crypto';
import {
  HASHED_CONTROL_FILES,
  type HashTable,
  isFileID,
  packHash,
  parseReceivedHashes,
} from '@rootcellar/backup';
import {
  joinPath,
  nameOf,
  type OverlayTree,
  parentOf,
  type ReadableTree,
  ROOT,
  type TreePath,
  treePath,
} from '@rootcellar/core';
import type { WrittenHashes } from './hashing-tree.ts';

/** Where the hashes of a backup lie: beside its folder. */
export function hashFileOf(folderName: string): TreePath {
  return joinPath(ROOT, `${folderName}.sha256`);
}

/** Names the session that wrote a backup: no two of them are equal. */
const SESSION = treePath('Status.plist');

/** @returns `undefined` if there are none, or none that belong to the backup in `tree` */
export async function readHashes(
  home: ReadableTree,
  path: TreePath,
  tree: ReadableTree,
): Promise<HashTable | undefined> {
  if ((await home.stat(path))?.kind !== 'file') return undefined;
  const hashes = await parseReceivedHashes(home.read(path));
  const session = hashes?.get(nameOf(SESSION));
  if (session === undefined || (await tree.stat(SESSION)) === undefined) return undefined;
  return (await hashNow(tree, SESSION)) === session ? hashes : undefined;
}

/**
 * Makes the hashes of an earlier backup those of a new one: those of before stay for what stayed, those of what was sent now
 * come, and are taken. What an interrupted run has received is read from the disk.
 */
export async function bringUpToDate(hashes: HashTable, { overlay, upper, written }: NewFiles): Promise<void> {
  const moved = Array.from(overlay.moved, ([to, from]) => ({ to, hash: hashes.get(nameOf(from)) }));
  for (const path of overlay.removed) hashes.delete(nameOf(path));
  const folders = new Set([...overlay.removed].filter((path) => parentOf(path) === ROOT));
  const isGone = (fileID: string) => folders.has(fileID.slice(0, 2) as TreePath);
  if (folders.size > 0)
    for (const name of Array.from(hashes, ([each]) => each).filter(isGone)) hashes.delete(name);
  for (const { to, hash } of moved) if (hash !== undefined && isHashed(to)) hashes.set(nameOf(to), hash);
  for await (const path of filesOf(upper)) {
    if (isHashed(path)) hashes.set(nameOf(path), written.take(path) ?? (await hashNow(upper, path)));
  }
}

export interface NewFiles {
  readonly overlay: OverlayTree;
  /** What was sent, in this run and in those that it continues. */
  readonly upper: ReadableTree;
  readonly written: WrittenHashes;
}

/** Files of a backup in the place where they stay. */
function isHashed(path: TreePath): boolean {
  const name = nameOf(path);
  return HASHED_CONTROL_FILES.includes(path) || (isFileID(name) && path === `${name.slice(0, 2)}/${name}`);
}

export async function hashNow(tree: ReadableTree, path: TreePath): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of tree.read(path)) hash.update(piece);
  return packHash(hash.digest());
}

async function* filesOf(tree: ReadableTree, folder: TreePath = ROOT): AsyncGenerator<TreePath> {
  for (const { path, kind } of await Array.fromAsync(tree.list(folder))) {
    if (kind === 'file') yield path;
    else yield* filesOf(tree, path);
  }
}
