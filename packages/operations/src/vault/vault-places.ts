import { joinPath, ROOT, subTree, type TreePath, type WritableTree } from '@rootcellar/core';
import type { StagingPlaces } from '../back-up-device/staging-area.ts';

/** Where the parts of a staging area lie whose backup goes to a vault. */
export interface VaultPlaces extends StagingPlaces {
  /** Hashes of all files of the new backup. */
  readonly received: TreePath;
  /** Exists from when the backup is whole until it is stored. */
  readonly ingest: TreePath;
}

/** @param home holds the staging areas of all phones */
export function vaultPlaces(home: WritableTree, udid: string): VaultPlaces {
  const staging = joinPath(ROOT, udid);
  const below = (name: string): TreePath => joinPath(staging, name);
  return {
    home,
    staging,
    about: below('about'),
    upper: subTree(home, below('new')),
    changes: subTree(home, below('changes')),
    received: below('received'),
    ingest: below('ingest'),
  };
}

/** The note goes first: without it the rest is what an unfinished backup has left. */
export async function removeStaging({ home, staging, ingest }: VaultPlaces): Promise<void> {
  await home.remove(ingest);
  await home.flush();
  await home.remove(staging);
}
