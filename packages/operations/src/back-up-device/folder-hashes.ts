import { createHash } from 'node:crypto';
import {
  HASHED_CONTROL_FILES,
  isFileID,
  packHash,
  parseReceivedHashes,
  type ReceivedHashes,
} from '@rootcellar/backup';
import {
  joinPath,
  nameOf,
  type OverlayTree,
  type ReadableTree,
  ROOT,
  type TreePath,
  treePath,
} from '@rootcellar/core';
import type { HashingTree } from './hashing-tree.ts';

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
): Promise<ReceivedHashes | undefined> {
  if ((await home.stat(path))?.kind !== 'file') return undefined;
  const hashes = await parseReceivedHashes(home.read(path));
  const session = hashes?.get(nameOf(SESSION));
  if (session === undefined || (await tree.stat(SESSION)) === undefined) return undefined;
  return (await hashNow(tree, SESSION)) === session ? hashes : undefined;
}

/**
 * The hashes of a new backup: those of what was sent now, and those of before for what stayed. What an interrupted
 * run has received is read from the disk.
 */
export async function hashesOfAll(options: {
  readonly earlier: ReceivedHashes;
  readonly overlay: OverlayTree;
  /** What was sent, in this run and in those that it continues. */
  readonly upper: ReadableTree;
  readonly hashes: HashingTree['hashes'];
}): Promise<ReceivedHashes> {
  const { earlier, overlay, upper, hashes } = options;
  const all = new Map(earlier);
  for (const path of overlay.removed) all.delete(nameOf(path));
  for (const fileID of all.keys())
    if (overlay.removed.has(fileID.slice(0, 2) as TreePath)) all.delete(fileID);
  for (const [to, from] of overlay.moved) {
    const hash = earlier.get(nameOf(from));
    if (hash !== undefined && isHashed(to)) all.set(nameOf(to), hash);
  }
  for await (const path of filesOf(upper)) {
    if (isHashed(path)) all.set(nameOf(path), hashes.get(path) ?? (await hashNow(upper, path)));
  }
  return all;
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
