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

/** Where a staging area goes that cannot be completed, until another backup is there instead. */
const asidePlace = ({ staging }: VaultPlaces): TreePath => `${staging}.aside` as TreePath;

/** It is no backup any more, but all that arrived of one. What was set aside before goes. */
export async function setStagingAside(places: VaultPlaces): Promise<void> {
  const { home, staging } = places;
  const aside = asidePlace(places);
  await home.remove(aside);
  await home.move(staging, aside);
  await home.flush();
}

/** The places of what was set aside; `undefined` if there is nothing. */
export async function placesAside(places: VaultPlaces): Promise<VaultPlaces | undefined> {
  const aside = asidePlace(places);
  return (await places.home.stat(aside)) ? vaultPlaces(places.home, nameOf(aside)) : undefined;
}

/** The note goes first: without it the rest is what an unfinished backup has left. */
export async function removeStaging({ home, staging, ingest }: VaultPlaces): Promise<void> {
  await home.remove(ingest);
  await home.flush();
  await home.remove(staging);
}
