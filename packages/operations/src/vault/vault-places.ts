import { joinPath, nameOf, ROOT, subTree, type TreePath, type WritableTree } from '@rootcellar/core';
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
  return placesBelow(home, joinPath(ROOT, udid));
}

function placesBelow(home: WritableTree, staging: TreePath): VaultPlaces {
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

/** Holds the staging areas that cannot be completed, each until another backup of its phone is there instead. */
const ASIDE = joinPath(ROOT, '.aside');

/** It is no backup any more, but all that arrived of one. What was set aside before goes. */
export async function setStagingAside(places: VaultPlaces): Promise<void> {
  const { home, staging } = places;
  const aside = placesAside(places).staging;
  await home.makeFolder(ASIDE);
  await home.remove(aside);
  await home.move(staging, aside);
  await home.flush();
}

/** Where it lies, if there is any. */
export function placesAside({ home, staging }: VaultPlaces): VaultPlaces {
  return placesBelow(home, joinPath(ASIDE, nameOf(staging)));
}

/** The note goes first: without it the rest is what an unfinished backup has left. */
export async function removeStaging({ home, staging, ingest }: VaultPlaces): Promise<void> {
  await home.remove(ingest);
  await home.flush();
  await home.remove(staging);
}
