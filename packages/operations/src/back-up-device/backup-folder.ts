import { encodeReceivedHashes, HashTable, type ReceivedHashes } from '@rootcellar/backup';
import {
  joinPath,
  nestedTree,
  overlayTree,
  type ReadableTree,
  ROOT,
  type WritableTree,
} from '@rootcellar/core';
import { operationError } from '../errors.ts';
import type { BackupTarget, Committed, OpenTargetOptions, UnfinishedBackup } from './backup-target.ts';
import { completeCommit, isStillOurs, versionsOf } from './folder-commit.ts';
import { bringUpToDate, readHashes } from './folder-hashes.ts';
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
export function folderTarget(home: WritableTree): BackupTarget {
  return {
    check: () => requireNoBackup(home),
    complete: (udid) => completeBackupFolder(home, udid),
    freeBytes: () => home.freeBytes(),
    open: (options) => openBackupFolder({ home, ...options }),
  };
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
 */
export async function openBackupFolder(
  options: OpenTargetOptions & { readonly home: WritableTree },
): Promise<UnfinishedBackup & { commit(): Promise<Committed> }> {
  const { home, udid, bootID, startedAt } = options;
  const places = placesOf(home, udid);
  const { base, upper } = places;
  const area = await openStagingArea({ places, base, bootID, startedAt });
  const { device, overlay, written, resumed, hasEarlier } = area;
  let isCommitted = false;
  return {
    served: nestedTree(device, udid),
    device,
    resumed,
    hasEarlier,
    newFileIDs: area.newFileIDs,
    discardUnfinished: () => removeStaging(places),
    async leaveUnfinished() {
      const left = await area.count();
      if (left.files === 0) await removeStaging(places);
      return left;
    },
    async commit() {
      const received = (await readHashes(home, places.hashes, base)) ?? new HashTable();
      await bringUpToDate(received, { overlay, upper, written });
      await home.write(places.received, encodeReceivedHashes(received, udid));
      await device.flush();
      await writeWhole(home, places.commit, JSON.stringify(await versionsOf(places)));
      isCommitted = true;
      await completeCommit(places);
      return { snapshot: undefined };
    },
    get isCommitted() {
      return isCommitted;
    },
  };
}

/** People name the folder of their iPhone where the one that holds it is meant. */
async function requireNoBackup(home: WritableTree): Promise<void> {
  for (const name of ['Manifest.plist', 'Manifest.db', 'Manifest.mbdb', 'Status.plist']) {
    if (await home.stat(joinPath(ROOT, name))) throw operationError('folder-is-a-backup');
  }
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
