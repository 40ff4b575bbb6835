import { backupError, type Manifest, openManifest } from '@rootcellar/backup';
import { nameOf, type ReadableTree, type TreePath, type WritableTree } from '@rootcellar/core';
import { isEncrypted } from '../backup-password.ts';

/** Says to which part of the phone (domain) a file belongs that is arriving. */
export interface PartsOfPhone {
  /** @returns `undefined` for a file that the backup before did not have: its name alone says nothing */
  domainOf(path: TreePath): string | undefined;
  close(): Promise<void>;
}

const NOTHING_KNOWN: PartsOfPhone = { domainOf: () => undefined, close: async () => {} };

/**
 * What the list of files of the backup before says. A phone sends files under the hash of their place, and its new list
 * only at the end; under what it calls them itself is for its own log, and differs from version to version. So of a first
 * backup nothing is known, nor of an encrypted one, whose list nobody opens before the owner was asked for the password.
 *
 * Source: observed §2, "Device-side names"; backup-format, `fileID`.
 *
 * @param tree the backup before, as the phone sees it now
 */
export async function openPartsOfPhone(tree: ReadableTree, hasEarlier: boolean): Promise<PartsOfPhone> {
  if (!hasEarlier || (await isEncrypted(tree))) return NOTHING_KNOWN;
  let manifest: Manifest;
  try {
    manifest = await openManifest(tree);
  } catch (error) {
    // Whatever is wrong with it is found by those who need it.
    if (backupError.matches(error)) return NOTHING_KNOWN;
    throw error;
  }
  return {
    domainOf: (path) => manifest.entry(nameOf(path))?.domain,
    close: () => manifest.close(),
  };
}

/** The same tree; `onWrite` hears of each file before it is written. */
export function watchedTree(tree: WritableTree, onWrite: (path: TreePath) => void): WritableTree {
  return {
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read: (path, range) => tree.read(path, range),
    makeFolder: (path) => tree.makeFolder(path),
    write(path, content) {
      onWrite(path);
      return tree.write(path, content);
    },
    move: (from, to) => tree.move(from, to),
    remove: (path) => tree.remove(path),
    freeBytes: () => tree.freeBytes(),
    flush: () => tree.flush(),
  };
}
