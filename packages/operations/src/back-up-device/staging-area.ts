import { FileIDSet } from '@rootcellar/backup';
import {
  memoryTree,
  nameOf,
  type OverlayTree,
  overlayTree,
  type ReadableTree,
  type TreePath,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { identityOf } from './backup-identity.ts';
import { hashingTree, type WrittenHashes } from './hashing-tree.ts';
import { countFiles, everything, hasFiles, writeWhole } from './tree-work.ts';

/** Where a staging area lies. */
export interface StagingPlaces {
  readonly home: WritableTree;
  /** All of it is below this folder. */
  readonly staging: TreePath;
  /** What it belongs to. */
  readonly about: TreePath;
  /** Files that are sent now. */
  readonly upper: WritableTree;
  /** Removals and moves of older files. */
  readonly changes: WritableTree;
}

/**
 * What a phone sends, moves and removes during a backup, over the backup of before, which stays as it is.
 */
export interface StagingArea {
  /** As the phone sees it, without a folder around it. */
  readonly device: WritableTree;
  readonly overlay: OverlayTree;
  readonly written: WrittenHashes;
  /** Does it go on where an interrupted run stopped? */
  readonly resumed: boolean;
  readonly hasEarlier: boolean;
  /** FileIDs of all files that were sent or moved since the earlier backup. */
  newFileIDs(): Promise<FileIDSet>;
  /** Files and bytes of what was sent. */
  count(): Promise<LeftUnfinished>;
}

/** What a run that did not finish has left. */
export interface LeftUnfinished {
  readonly files: number;
  readonly bytes: number;
  /** Is it a first backup that the phone begins anew, whatever of it lies here? */
  readonly beginsAnew: boolean;
}

/** What has waited for so long is no longer worth its room: the phone has changed since. */
export const STAGING_EXPIRES_MS = 7 * 24 * 60 * 60 * 1000;

/** What a staging area belongs to: it is thrown away if any of it has changed. */
interface About {
  readonly bootID: string;
  /** Which earlier backup it is based on. */
  readonly base: string;
  /** Of the run that used it last. */
  readonly startedAt: string;
}

/**
 * Opens a staging area; resumes what an earlier run has left, if it still fits.
 *
 * @param options.base the finished backup that the phone goes on from; may be empty
 * @param options.bootID of this run of the machine: files of a staging area from before a restart may be hollow, so it
 *   is begun anew
 */
export async function openStagingArea(options: {
  readonly places: StagingPlaces;
  readonly base: ReadableTree;
  readonly bootID: string;
  readonly startedAt: Date;
}): Promise<StagingArea> {
  const { places, base, bootID, startedAt } = options;
  const { home, staging, upper, changes } = places;
  const about: About = { bootID, base: await identityOf(base), startedAt: startedAt.toISOString() };
  const hasEarlier = await hasFiles(base);
  const resumed = await isResumable(places, about, hasEarlier);
  if (!resumed) await home.remove(staging);
  await writeWhole(home, places.about, JSON.stringify(about));
  const overlay = await overlayTree({ base: hasEarlier ? base : memoryTree(), upper, changes });
  const { tree: device, written } = hashingTree(overlay);
  return {
    device,
    overlay,
    written,
    resumed,
    hasEarlier,
    async newFileIDs() {
      const fileIDs = new FileIDSet();
      for (const path of overlay.moved.keys()) fileIDs.add(nameOf(path));
      for await (const { path } of everything(upper)) fileIDs.add(nameOf(path));
      return fileIDs;
    },
    async count() {
      return { ...(await countFiles(upper)), beginsAnew: !hasEarlier && !(await hasManifest(upper)) };
    },
  };
}

/**
 * A phone whose first backup was interrupted begins anew, unless it had already sent the list of files:
 * what it sent before would only take the room that it needs again. Source: observed §1.6.
 */
async function hasManifest(upper: WritableTree): Promise<boolean> {
  const places = ['Manifest.db', 'Snapshot/Manifest.db'].map((name) => upper.stat(treePath(name)));
  return (await Promise.all(places)).some((entry) => entry !== undefined);
}

async function isResumable(
  { home, about, upper, changes }: StagingPlaces,
  now: About,
  hasEarlier: boolean,
): Promise<boolean> {
  try {
    const text = Buffer.concat(await Array.fromAsync(home.read(about))).toString();
    const kept: Partial<Record<keyof About, unknown>> = JSON.parse(text);
    await overlayTree({ base: upper, upper, changes });
    const isSame = kept.bootID === now.bootID && kept.base === now.base;
    const ageMs = Date.parse(now.startedAt) - Date.parse(String(kept.startedAt));
    return isSame && ageMs < STAGING_EXPIRES_MS && (hasEarlier || (await hasManifest(upper)));
  } catch {
    return false; // There is none, or it cannot be understood: either way it is no use.
  }
}
