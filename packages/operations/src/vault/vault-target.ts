import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { encodeReceivedHashes } from '@rootcellar/backup';
import {
  folderTree,
  joinPath,
  memoryTree,
  nestedTree,
  overlayTree,
  type ReadableTree,
  ROOT,
  subTree,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';
import { openSnapshot, type Snapshot, saveSnapshot } from '@rootcellar/vault';
import type { BackupTarget, UnfinishedBackup } from '../back-up-device/backup-target.ts';
import { hashesOfAll, hashFileOf, readHashes } from '../back-up-device/folder-hashes.ts';
import { openStagingArea, type StagingPlaces } from '../back-up-device/staging-area.ts';
import { finishedSnapshots, openOrCreatePhoneVault, type PhoneVault } from './phone-vault.ts';

/**
 * The vault of each phone, under `dataFolder`. The phone sees the newest snapshot with a staging area over it; a new
 * snapshot is recorded when everything in it is durable, and only then is the staging area removed.
 */
export function vaultTarget(dataFolder: string): BackupTarget {
  const home = folderTree(join(dataFolder, 'staging'));
  return {
    async check() {},
    async complete() {},
    freeBytes: () => home.freeBytes(),
    async open({ udid, bootID, startedAt }) {
      const vault = await openOrCreatePhoneVault(dataFolder, udid);
      const [latest] = (await finishedSnapshots(vault)).slice(-1);
      return openUnfinished({ vault, latest, home, bootID, startedAt });
    },
  };
}

/** A snapshot holds what a folder of backups would: the device folder, and the hashes of its files beside it. */
export function snapshotHome(vault: PhoneVault, snapshot: Snapshot): ReadableTree {
  return openSnapshot(vault.contents, snapshot);
}

interface Opening {
  readonly vault: PhoneVault;
  readonly latest: Snapshot | undefined;
  readonly home: WritableTree;
  readonly bootID: string;
  readonly startedAt: Date;
}

async function openUnfinished(opening: Opening): Promise<UnfinishedBackup> {
  const { vault, latest, home, bootID, startedAt } = opening;
  const { udid } = vault;
  const places = placesOf(home, udid);
  const earlierHome = latest ? snapshotHome(vault, latest) : memoryTree();
  const base = subTree(earlierHome, joinPath(ROOT, udid));
  const area = await openStagingArea({ places, base, bootID, startedAt });
  const { device, overlay, hashes, resumed, hasEarlier } = area;
  const discard = () => home.remove(places.staging);
  let isCommitted = false;
  return {
    served: nestedTree(device, udid),
    device,
    resumed,
    hasEarlier,
    newNames: area.newNames,
    discardUnfinished: discard,
    async leaveUnfinished() {
      const left = await area.count();
      if (left.files === 0) await discard();
      return left;
    },
    async commit({ onProgress, signal }) {
      const earlier = (await readHashes(earlierHome, hashFileOf(udid), base)) ?? new Map();
      const received = await hashesOfAll({ earlier, overlay, upper: places.upper, hashes });
      const beside = memoryTree();
      await beside.write(hashFileOf(udid), encodeReceivedHashes(received, udid));
      const sofar = { files: 0, bytes: 0 };
      const snapshot = await saveSnapshot(vault.contents, {
        tree: await overlayTree({ base: nestedTree(overlay, udid), upper: beside }),
        paths: [`/${udid}`],
        hostname: hostname(),
        username: userInfo().username,
        tags: [`device:${udid}`],
        time: startedAt,
        signal,
        ...(latest && { parent: latest }),
        onFile({ sizeBytes }) {
          sofar.files += 1;
          sofar.bytes += sizeBytes;
          onProgress(sofar);
        },
      });
      isCommitted = true;
      await discard();
      return { snapshot: snapshot.id };
    },
    get isCommitted() {
      return isCommitted;
    },
  };
}

function placesOf(home: WritableTree, udid: string): StagingPlaces {
  const staging = joinPath(ROOT, udid);
  const below = (name: string): TreePath => joinPath(staging, name);
  return {
    home,
    staging,
    about: below('about'),
    upper: subTree(home, below('new')),
    changes: subTree(home, below('changes')),
  };
}
