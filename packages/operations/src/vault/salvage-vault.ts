import { hostname } from 'node:os';
import { backupError, readManifestPlist, readStatus } from '@rootcellar/backup';
import { joinPath, type ReadableTree, ROOT, saysDamage, subTree, treePath } from '@rootcellar/core';
import {
  Contents,
  checkVault,
  listDamagedRecords,
  listSnapshots,
  type Repository,
  recoverTrees,
  removeDamagedRecords,
  repairPacks,
  SALVAGED_TAG,
  type Snapshot,
  salvageSnapshot,
} from '@rootcellar/vault';
import type { CommitOptions } from '../back-up-device/backup-target.ts';
import { damagedPacks, noteDamage } from './note-damage.ts';

export interface SalvageReport {
  /** Damaged backups, each with what of it could be kept as an incomplete one. */
  readonly salvaged: readonly SalvagedBackup[];
  /** Ids of incomplete backups whose records had been lost. */
  readonly recovered: readonly string[];
  /** Pieces of files that cannot be read, and that the vault no longer believes to have: who sends them heals it. */
  readonly piecesLost: number;
}

export interface SalvagedBackup {
  /** Id of the damaged one, which stays. */
  readonly of: string;
  readonly snapshot: string;
  readonly files: number;
  /** Files, and folders whose list is lost, that are not in it. */
  readonly lostFiles: number;
}

/**
 * Keeps what is whole of a vault: of each damaged backup, as `salvageBackups` does, and backups that no record refers to and that
 * have something of their own. Those that were deleted and not pruned yet are among them.
 *
 * @param repository with an index that can be read
 * @throws `vault.locked`, `storage.*`
 */
export async function salvageVault(
  repository: Repository,
  {
    udid,
    timeOf,
    signal,
  }: {
    readonly udid: string;
    /** When a backup was made, by its tree, if that is known better than from what is in it. */
    readonly timeOf?: (tree: string) => Date | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SalvageReport> {
  const contents = await Contents.open(repository, { signal });
  const damaged = await listDamagedRecords(repository, { signal });
  const options = { hostname: hostname(), paths: [`/${udid}`], signal };
  const recognize = async (home: ReadableTree, tree: string) => {
    const time = timeOf?.(tree);
    // What was a backup once is kept, whatever is left of it.
    return time ? { time } : recognizeBackup(subTree(home, joinPath(ROOT, udid)));
  };
  // First: what is salvaged below must not count as a tree without a record if it stops half-way.
  const found = [...(await recoverTrees(contents, { ...options, recognize }))];
  // A damaged record may name what nobody recognizes, such as a part of a first backup: without any record it would be pruned.
  if (damaged.length > 0) found.push(...(await recoverTrees(contents, options)));
  await removeDamagedRecords(repository, damaged, { signal });
  const saved = await salvageBackups(contents, { signal });
  return { ...saved, recovered: found.map(({ id }) => id) };
}

/** What lists the files of a backup: from iOS 10 on, and before. */
const LISTS = ['Manifest.db', 'Manifest.mbdb'].map(treePath);

/** @returns when it was made; `undefined` if it is no backup, or one whose files nobody could find */
async function recognizeBackup(
  device: ReadableTree,
): Promise<{ readonly time: Date | undefined } | undefined> {
  try {
    await readManifestPlist(device);
    for (const path of LISTS) {
      if ((await device.stat(path)) === undefined) continue;
      for await (const _ of device.read(path));
      return { time: await timeOf(device) };
    }
  } catch (error) {
    if (!tellsOfBackup(error)) throw error;
  }
  return undefined;
}

/** It may have lost its status and open all the same. */
async function timeOf(device: ReadableTree): Promise<Date | undefined> {
  try {
    return (await readStatus(device)).date;
  } catch (error) {
    if (!tellsOfBackup(error)) throw error;
    return undefined;
  }
}

/** And not of a storage that is out of reach. */
function tellsOfBackup(error: unknown): boolean {
  return saysDamage(error) || backupError.matches(error);
}

export interface SalvageBackupsOptions extends Pick<CommitOptions, 'signal'> {
  /** Keep what is whole of each damaged backup as an incomplete one, too. Default: `true`. */
  readonly keepParts?: boolean;
  /** Leave damaged packs where they are: see `RepairPacksOptions`. Default: they go. */
  readonly keepsFiles?: boolean;
  /** What was read so far; files are not known. */
  readonly onProgress?: CommitOptions['onProgress'];
}

/**
 * Reads every byte of a vault, and lets go of damaged packs what nobody can read: who sends it again heals all that needs it. No
 * backup is deleted, and none that was deleted comes back.
 *
 * @throws as `salvageVault`
 */
export async function salvageBackups(
  contents: Contents,
  { signal, onProgress, keepParts = true, keepsFiles = false }: SalvageBackupsOptions,
): Promise<Omit<SalvageReport, 'recovered'>> {
  const { repository } = contents;
  const report = await checkVault(repository, {
    readData: 'all',
    onPack: ({ bytes }) => onProgress?.({ files: 0, bytes }),
    signal,
  });
  const { damagedSnapshots } = report;
  const all = await listSnapshots(repository, { signal, onDamaged: () => {} });
  /** A backup since may have healed some of what was lost then. */
  const filesKept = (damaged: Snapshot): number => {
    const copies = all.filter(
      ({ id, tags, time }) =>
        tags.includes(SALVAGED_TAG) && +time === +damaged.time && !damagedSnapshots.includes(id),
    );
    return Math.max(0, ...copies.map(({ summary }) => summary?.files ?? 0));
  };
  const salvaged: SalvagedBackup[] = [];
  for (const damaged of all.filter(({ id }) => keepParts && damagedSnapshots.includes(id))) {
    const options = { filesKept: filesKept(damaged), signal };
    const { snapshot, files, lost } = await salvageSnapshot(contents, damaged, options);
    if (snapshot) salvaged.push({ of: damaged.id, snapshot: snapshot.id, files, lostFiles: lost.length });
  }
  const { blobsLost } = await repairPacks(repository, damagedPacks(report), { keepsFiles, signal });
  await noteDamage(repository, report, { isGivenUp: true, signal });
  return { salvaged, piecesLost: blobsLost };
}
