import { join } from 'node:path';
import { encodeReceivedHashes, HashTable } from '@rootcellar/backup';
import {
  folderTree,
  joinPath,
  memoryTree,
  nestedTree,
  type ReadableTree,
  ROOT,
  saysDamage,
  subTree,
  unionTree,
  type WritableTree,
} from '@rootcellar/core';
import { INCOMPLETE_TAG, openSnapshot, type Snapshot } from '@rootcellar/vault';
import type { BackupTarget, OpenTargetOptions, UnfinishedBackup } from '../back-up-device/backup-target.ts';
import { bringUpToDate, hashFileOf, readHashes } from '../back-up-device/folder-hashes.ts';
import { openStagingArea } from '../back-up-device/staging-area.ts';
import { writeWhole } from '../back-up-device/tree-work.ts';
import { operationError } from '../errors.ts';
import { readCipherRecords } from './cipher-records.ts';
import { encryptedTree } from './cipher-trees.ts';
import { removeExpiredStaging } from './expired-staging.ts';
import { type IngestNote, type IngestOptions, ingest, readIngestNote } from './ingest.ts';
import {
  openOrCreatePhoneVault,
  openPhoneVault,
  PARTIAL_TAG,
  type PhoneVault,
  type WatchStorage,
} from './phone-vault.ts';
import { chooseKept } from './remembered-kept.ts';
import { rememberNewest } from './remembered-newest.ts';
import { salvageBackups } from './salvage-vault.ts';
import { saveDeviceSnapshot } from './save-device-snapshot.ts';
import { removeStaging, setStagingAside, vaultPlaces } from './vault-places.ts';
import { giveUpDamaged, newestWhole, type WholeBase } from './whole-base.ts';

/**
 * How the vault keeps the backup of a phone that encrypts: decrypted, sealed by the vault alone, or just as the phone
 * encrypted it. Decrypted it is smaller, because what did not change in a file is not stored again.
 */
export type Kept = 'small' | 'sealed';

export interface VaultTargetOptions {
  /** Remembered for the next backups of the phone. Default: what is remembered, else `usualKept`. */
  readonly keep?: Kept | undefined;
  /** For tests: content after which there is a checkpoint. */
  readonly checkpointBytes?: number | undefined;
  /** For tests: the same storage, watched. */
  readonly watch?: WatchStorage | undefined;
  /** For tests: what holds the staging areas, instead of a folder. */
  readonly stagingHome?: WritableTree | undefined;
}

/**
 * The vault of each phone, under `dataFolder`. The phone sees the newest snapshot with a staging area over it. When the
 * new backup is whole and on the disk, that is noted; from then on it is stored, by this run or the next one, and a
 * snapshot is recorded when everything in it is durable. Until then the snapshot of before is the truth.
 */
export function vaultTarget(
  dataFolder: string,
  { keep, checkpointBytes, watch, stagingHome }: VaultTargetOptions = {},
): BackupTarget {
  const home = stagingHome ?? folderTree(join(dataFolder, 'staging'));
  const remembering =
    ({ udid, contents }: PhoneVault) =>
    (snapshot: Snapshot) =>
      rememberNewest({ dataFolder, udid, repository: contents.repository }, snapshot);
  return {
    async check() {},
    async complete(udid, { onProgress, signal, full }) {
      const places = vaultPlaces(home, udid);
      if ((await readIngestNote(places)) === undefined) return;
      const vault = await openPhoneVault(dataFolder, udid, { signal, watch });
      // It may lie on a disk that is not there now.
      if (vault === undefined) throw operationError('vault-unknown');
      try {
        await ingest(vault, places, { onProgress, signal, checkpointBytes, onStored: remembering(vault) });
      } catch (error) {
        // What cannot be called whole is set aside for what the phone sends again.
        if (full && operationError.matches(error, 'backup-not-whole')) return;
        const isKnown = operationError.matches(error, 'stored-part-damaged');
        // What the new backup is built on is damaged, or gone.
        if (!isKnown && !saysDamage(error)) throw error;
        if (!full) throw isKnown ? error : operationError('stored-part-damaged', {}, error);
        // Else what the phone sends again would be taken for stored already where the vault has it damaged.
        await salvageBackups(vault.contents, { onProgress, signal });
      }
    },
    async giveUpDamaged(udid, { onProgress, signal }) {
      const vault = await openPhoneVault(dataFolder, udid, { signal, watch });
      if (vault) await giveUpDamaged(vault, { onProgress, signal });
    },
    freeBytes: () => home.freeBytes(),
    async open(options) {
      const vault = await openOrCreatePhoneVault(dataFolder, options.udid, { watch });
      await removeExpiredStaging({ dataFolder, home, now: options.startedAt });
      const places = vaultPlaces(home, options.udid);
      // One that cannot be completed: everything is sent again, and takes its place when it is there.
      if (await readIngestNote(places)) await setStagingAside(places);
      const base = await newestWhole(vault);
      const kept = await chooseKept(dataFolder, options.udid, keep);
      return openUnfinished({
        ...options,
        vault,
        ...base,
        home,
        keep: kept,
        checkpointBytes,
        onStored: remembering(vault),
      });
    },
  };
}

/**
 * What a folder of backups would hold: the device folder, as the phone sent it, and the hashes of its files beside it.
 */
export async function snapshotHome(vault: PhoneVault, snapshot: Snapshot): Promise<ReadableTree> {
  const home = openSnapshot(vault.contents, snapshot);
  const records = await readCipherRecords(home);
  if (records.size === 0) return home;
  const device = encryptedTree(subTree(home, joinPath(ROOT, vault.udid)), records);
  return unionTree(nestedTree(device, vault.udid), home);
}

interface Opening extends OpenTargetOptions, WholeBase {
  readonly vault: PhoneVault;
  readonly home: WritableTree;
  readonly keep: Kept;
  readonly checkpointBytes: number | undefined;
  readonly onStored: IngestOptions['onStored'];
}

async function openUnfinished({
  vault,
  base,
  isNewest,
  home,
  keep,
  checkpointBytes,
  onStored,
  ...options
}: Opening): Promise<UnfinishedBackup> {
  const { udid } = vault;
  const places = vaultPlaces(home, udid);
  const earlierHome = base ? await snapshotHome(vault, base) : memoryTree();
  const earlier = subTree(earlierHome, joinPath(ROOT, udid));
  const area = await openStagingArea({ places, base: earlier, ...options });
  const { device, overlay, written, resumed, hasEarlier } = area;
  let isCommitted = false;
  /** They take 80 bytes a file, and are not needed while the files are stored. */
  const writeHashes = async () => {
    const received = (await readHashes(earlierHome, hashFileOf(udid), earlier)) ?? new HashTable();
    await bringUpToDate(received, { overlay, upper: places.upper, written });
    await home.write(places.received, encodeReceivedHashes(received, udid));
  };
  return {
    served: nestedTree(device, udid),
    device,
    resumed,
    hasEarlier,
    passesOverDamaged: !isNewest,
    newFileIDs: area.newFileIDs,
    discardUnfinished: () => removeStaging(places),
    async keepIncomplete({ signal }) {
      const { bytes } = await area.count();
      if (hasEarlier || (await home.freeBytes()) < 2 * bytes) return undefined;
      await device.flush();
      const { id } = await saveDeviceSnapshot(vault, {
        kept: 'sealed',
        tree: nestedTree(device, udid),
        tags: [INCOMPLETE_TAG, PARTIAL_TAG],
        time: options.startedAt,
        signal,
      });
      return id;
    },
    async leaveUnfinished() {
      const left = await area.count();
      if (left.files === 0) await removeStaging(places);
      return left;
    },
    async commit(commitOptions) {
      await writeHashes();
      await device.flush();
      const note: IngestNote = { startedAt: options.startedAt.toISOString(), base: base?.id };
      await writeWhole(home, places.ingest, JSON.stringify(note));
      isCommitted = true;
      const keys = keep === 'small' ? commitOptions.keys : undefined;
      const snapshot = await ingest(vault, places, { ...commitOptions, keys, checkpointBytes, onStored });
      return { snapshot: snapshot?.id };
    },
    get isCommitted() {
      return isCommitted;
    },
  };
}
