import { hostname } from 'node:os';
import {
  Contents,
  checkVault,
  listSnapshots,
  type Repository,
  recoverTrees,
  removeDamagedRecords,
  repairPacks,
  SALVAGED_TAG,
  type Snapshot,
  salvageSnapshot,
  type VaultFindingCode,
} from '@rootcellar/vault';

/** Of packs of which a part is whole. */
const DAMAGES: ReadonlySet<VaultFindingCode> = new Set(['pack-damaged', 'pack-size-wrong']);

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
 * Reads every byte of a vault and keeps what is whole: of each damaged backup as an incomplete one, and of trees that
 * no record refers to. Backups that were deleted and not pruned yet are among those. No backup
 * is deleted; of damaged packs goes what nobody can read.
 *
 * @param repository with an index that can be read
 * @throws `vault.locked`, `storage.*`
 */
export async function salvageVault(
  repository: Repository,
  { udid, signal }: { readonly udid: string; readonly signal: AbortSignal | undefined },
): Promise<SalvageReport> {
  const contents = await Contents.open(repository, { signal });
  // First: what is salvaged below must not count as a tree without a record if it stops half-way.
  const found = await recoverTrees(contents, { hostname: hostname(), paths: [`/${udid}`], signal });
  await removeDamagedRecords(repository, { signal });
  const { damagedSnapshots, findings } = await checkVault(repository, { readData: 'all', signal });
  const all = await listSnapshots(repository, { signal, onDamaged: () => {} });
  const isDone = (damaged: Snapshot) =>
    all.some(
      ({ id, tags, time }) =>
        tags.includes(SALVAGED_TAG) && +time === +damaged.time && !damagedSnapshots.includes(id),
    );
  const salvaged: SalvagedBackup[] = [];
  for (const damaged of all.filter(({ id }) => damagedSnapshots.includes(id))) {
    if (isDone(damaged)) continue;
    const { snapshot, files, lost } = await salvageSnapshot(contents, damaged, { signal });
    if (snapshot) salvaged.push({ of: damaged.id, snapshot: snapshot.id, files, lostFiles: lost.length });
  }
  const damagedPacks = findings.filter(({ code }) => DAMAGES.has(code)).map(({ id }) => id);
  const { blobsLost } = await repairPacks(repository, new Set(damagedPacks), { signal });
  return { salvaged, recovered: found.map(({ id }) => id), piecesLost: blobsLost };
}
