import { joinPath, ROOT, subTree, type TreePath, type WritableTree } from '@rootcellar/core';
import { hashFileOf } from './folder-hashes.ts';
import { removeIfEmpty } from './tree-work.ts';

const STAGING = '.rootcellar';

/** Where the parts of a plain folder and of its staging area lie. */
export interface FolderPlaces {
  readonly home: WritableTree;
  readonly folder: TreePath;
  readonly base: WritableTree;
  readonly staging: TreePath;
  readonly upperFolder: TreePath;
  readonly upper: WritableTree;
  readonly changesFolder: TreePath;
  readonly changes: WritableTree;
  readonly about: TreePath;
  readonly received: TreePath;
  readonly commit: TreePath;
  readonly placing: TreePath;
  /** Beside the device folder, where they stay. */
  readonly hashes: TreePath;
}

export function placesOf(home: WritableTree, udid: string): FolderPlaces {
  const folder = joinPath(ROOT, udid);
  const staging = joinPath(ROOT, STAGING, udid);
  const upperFolder = joinPath(staging, 'new');
  const changesFolder = joinPath(staging, 'changes');
  return {
    home,
    folder,
    base: subTree(home, folder),
    staging,
    upperFolder,
    upper: subTree(home, upperFolder),
    changesFolder,
    changes: subTree(home, changesFolder),
    about: joinPath(staging, 'about'),
    received: joinPath(staging, 'received'),
    commit: joinPath(staging, 'commit'),
    placing: joinPath(staging, 'placing'),
    hashes: hashFileOf(udid),
  };
}

export async function removeStaging({
  home,
  staging,
}: Pick<FolderPlaces, 'home' | 'staging'>): Promise<void> {
  await home.remove(staging);
  await removeIfEmpty(home, joinPath(ROOT, STAGING));
}
