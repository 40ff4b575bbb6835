import { encodeReceivedHashes, type ReceivedHashes } from '@rootcellar/backup';
import { nestedTree, overlayTree, type ReadableTree, type WritableTree } from '@rootcellar/core';
import { completeCommit, isStillOurs, versionsOf } from './folder-commit.ts';
import { hashesOfAll, readHashes } from './folder-hashes.ts';
import { placesOf, removeStaging } from './folder-places.ts';
import { openStagingArea } from './staging-area.ts';
import { writeWhole } from './tree-work.ts';

/**
 * A plain iTunes-format folder, `<home>/<udid>/`, that we never leave between two versions.
 *
 * A phone that backs up sees the last backup with an empty staging area over it; what it sends, moves
 * and removes happens in the staging area alone. Only when the new backup is whole and on the disk are
 * the changes put in place, file by file. That step is written down before it begins, so that whoever
 * of us opens the folder after a crash sees the new backup, and the next run completes it.
 *
 * ```
 * <home>/<udid>/                     the last finished backup
 * <home>/<udid>.sha256               hashes of its files as they arrived
 * <home>/.rootcellar/<udid>/about    what the staging area belongs to
 *                           new/     files that are sent now
 *                           changes/ removals and moves of older files
 *                           received hashes of all files of the new backup
 *                           commit   exists while changes are put in place: first phase
 *                           placing  … second phase: only new/ is left to be moved
 * ```
 */
export interface BackupFolder {
  /** As the phone sees it: one folder, named by the UDID. */
  readonly served: WritableTree;
  /** The same without that outer folder. */
  readonly device: WritableTree;
  /** Does it go on where an interrupted run stopped? */
  readonly resumed: boolean;
  /** Is there a backup from before? It stays as it is until `commit`. */
  readonly hasEarlier: boolean;
  /** Puts the new backup in the place of the old one. When it returns, a power cut cannot undo it. */
  commit(): Promise<void>;
  /** Is the new backup written down as the one that counts? From then on it is what restores read. */
  readonly isCommitted: boolean;
  /** The names of all files that were sent or moved since the earlier backup, without their folders. */
  newNames(): Promise<ReadonlySet<string>>;
  /** Gives up what a run that did not finish has left: it takes the room that the next one needs. */
  discardUnfinished(): Promise<void>;
  /** What a run that did not finish has left. If that is nothing, nothing of it remains on the disk. */
  leaveUnfinished(): Promise<{ readonly files: number; readonly bytes: number }>;
}

/**
 * Puts a whole backup in place that an earlier run had no time to. Needs no phone and hardly any room.
 *
 * @throws `operation.folder-changed` if another program has continued the folder since
 */
export async function completeBackupFolder(home: WritableTree, udid: string): Promise<void> {
  await completeCommit(placesOf(home, udid));
}

/**
 * Opens a folder to back up into, after `completeBackupFolder`; resumes what an earlier run has left.
 *
 * @param options.home holds the backups of all devices
 * @param options.bootID of this run of the machine: files of a staging area from before a restart may
 *   be hollow, so it is begun anew
 */
export async function openBackupFolder(options: {
  readonly home: WritableTree;
  readonly udid: string;
  readonly bootID: string;
  readonly startedAt: Date;
}): Promise<BackupFolder> {
  const { home, udid, bootID, startedAt } = options;
  const places = placesOf(home, udid);
  const { base, upper } = places;
  const area = await openStagingArea({ places, base, bootID, startedAt });
  const { device, overlay, hashes, resumed, hasEarlier } = area;
  let isCommitted = false;
  return {
    served: nestedTree(device, udid),
    device,
    resumed,
    hasEarlier,
    newNames: area.newNames,
    discardUnfinished: () => removeStaging(places),
    async leaveUnfinished() {
      const left = await area.count();
      if (left.files === 0) await removeStaging(places);
      return left;
    },
    async commit() {
      const earlier = (await readHashes(home, places.hashes, base)) ?? new Map();
      const received = await hashesOfAll({ earlier, overlay, upper, hashes });
      await home.write(places.received, encodeReceivedHashes(received, udid));
      await device.flush();
      await writeWhole(home, places.commit, JSON.stringify(await versionsOf(places)));
      isCommitted = true;
      await completeCommit(places);
    },
    get isCommitted() {
      return isCommitted;
    },
  };
}

/** Has a crash left a new backup half put in place? Then the folder alone shows neither. */
export async function isBeingPlaced(home: WritableTree, udid: string): Promise<boolean> {
  const { placing, commit } = placesOf(home, udid);
  return (await home.stat(placing)) !== undefined || (await home.stat(commit)) !== undefined;
}

/**
 * A finished backup to read from, as a tree of the files in its folder. Changes nothing, also when a
 * crash has left it half put in place: it then shows the new backup.
 */
export async function openFinishedBackup(home: WritableTree, udid: string): Promise<WritableTree> {
  const places = placesOf(home, udid);
  if (!(await isBeingPlaced(home, udid))) return places.base;
  const placing = await home.stat(places.placing);
  if (!(await isStillOurs(places))) return places.base;
  return overlayTree({
    base: places.base,
    upper: places.upper,
    ...(placing ? {} : { changes: places.changes }),
  });
}

/**
 * The hashes of a finished backup as its files arrived, also when a crash has left it half put in place.
 * `undefined` if there are none, or if they belong to another backup of the same phone, as after a run of another
 * program.
 */
export async function openReceivedHashes(
  home: WritableTree,
  udid: string,
  tree: ReadableTree,
): Promise<ReceivedHashes | undefined> {
  const { received, hashes } = placesOf(home, udid);
  return (await readHashes(home, hashes, tree)) ?? readHashes(home, received, tree);
}
