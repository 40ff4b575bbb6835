import {
  type CheckReport,
  checkVault,
  damagedAt,
  forget,
  givenUpAt,
  type IndexRepair,
  type PruneReport,
  prune,
  type Repository,
  type Retained,
  type RetentionPolicy,
  repairIndex,
  type Snapshot,
} from '@rootcellar/vault';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { noteDamage, noteNamedAgain } from './note-damage.ts';
import { isIncomplete, newestFinished, openRepositoryOf, phonesWithVault } from './phone-vault.ts';
import {
  acceptMissed,
  lookForMissed,
  type MissedBackup,
  missedError,
  rememberedTimes,
  rememberWithout,
} from './remembered-newest.ts';
import { type SalvageReport, salvageVault } from './salvage-vault.ts';
import { snapshotsInUse } from './snapshots-in-use.ts';

export interface VaultOptions {
  readonly dataFolder: string;
  /** UDID of the phone, or its beginning; the only vault if absent. */
  readonly vault?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CheckedVault extends CheckReport {
  readonly udid: string;
  /** As lists show them. Other snapshots hold what was stored so far of one, or are of restic. */
  readonly backups: number;
  /** What should be in it, and is not. */
  readonly missed: readonly MissedBackup[];
  /** Ids of damaged backups, and not of what is left of such ones. */
  readonly removable: readonly string[];
  /** Is there a whole backup that was made after all that is damaged was given up? Then another one heals no more. */
  readonly isSentSince: boolean;
}

/**
 * Can every backup in a vault be restored? With `readData` also: is every byte what was stored? What is found is noted at the
 * backups: `noteDamage`.
 */
export function checkPhoneVault(
  options: VaultOptions & { readonly readData: boolean },
): Promise<CheckedVault> {
  return withVault(options, async (repository, udid) => {
    const report = await checkVault(repository, {
      signal: options.signal,
      ...(options.readData && { readData: 'all' as const }),
    });
    await noteDamage(repository, report, { signal: options.signal });
    const { dataFolder, signal } = options;
    const { shown, missed } = await lookForMissed({ dataFolder, udid, repository }, { signal });
    const gone = missed.filter(({ again }) => again === undefined);
    return {
      ...report,
      udid,
      backups: shown.length,
      missed: gone,
      removable: shown.filter((one) => isRemovable(one, report)).map(({ id }) => id),
      isWhole: report.isWhole && gone.length === 0,
      isSentSince: isSentSince(shown, report),
    };
  });
}

const isRemovable = (snapshot: Snapshot, { damagedSnapshots }: CheckReport): boolean =>
  !isIncomplete(snapshot) && damagedSnapshots.includes(snapshot.id);

/** A backup heals all that the phone still sends, in the same bytes, of what was given up before it. */
function isSentSince(shown: readonly Snapshot[], { damagedSnapshots }: CheckReport): boolean {
  const newest = newestFinished(shown);
  if (newest === undefined || damagedAt(newest) !== undefined) return false;
  const times = damagedSnapshots
    .map((id) => shown.find((one) => one.id === id))
    .map((one) => one && givenUpAt(one));
  return times.length > 0 && times.every((time) => time !== undefined && time < newest.time);
}

/** Removes backups that a policy does not keep. Archived ones stay. Their room is freed by `prunePhoneVault`. */
export function forgetInPhoneVault(
  options: VaultOptions & { readonly policy: RetentionPolicy; readonly dryRun: boolean },
): Promise<Retained & { readonly udid: string }> {
  const { policy, dryRun, signal } = options;
  return withVault(options, async (repository, udid) => {
    const { dataFolder } = options;
    const inUse = await snapshotsInUse(dataFolder, udid);
    const retained = await forget(repository, policy, { dryRun, signal, inUse });
    if (!dryRun) await rememberWithout({ dataFolder, udid, repository }, retained.removed);
    return { udid, ...retained };
  });
}

/**
 * Frees the room that no backup needs any more.
 * @throws `operation.newest-missed` as `OperationFailure`: what nobody seems to need may be all that is left of that
 */
export function prunePhoneVault(options: VaultOptions): Promise<PruneReport & { readonly udid: string }> {
  const { dataFolder, signal } = options;
  return withVault(options, async (repository, udid) => {
    const { missed } = await lookForMissed({ dataFolder, udid, repository }, { signal });
    const gone = missed.find(({ again }) => again === undefined);
    if (gone) throw missedError(gone);
    return { udid, ...(await prune(repository, { signal })) };
  });
}

const NOTHING_SALVAGED: SalvageReport = { salvaged: [], recovered: [], piecesLost: 0 };

export interface VaultRepair extends IndexRepair, SalvageReport {
  readonly udid: string;
}

/** Makes a lost or damaged index anew, from the packs. With `salvage` also keeps what is whole of damaged backups. */
export function repairPhoneVault(
  options: VaultOptions & { readonly salvage?: boolean },
): Promise<VaultRepair> {
  const { dataFolder, salvage, signal } = options;
  return withVault(options, async (repository, udid) => {
    const repair = await repairIndex(repository, { signal });
    if (repair.foundPacks.length > 0) await noteNamedAgain(repository, { signal });
    if (!salvage) return { udid, ...repair, ...NOTHING_SALVAGED };
    const timeOf = await rememberedTimes({ dataFolder, udid, repository });
    return { udid, ...repair, ...(await salvageVault(repository, { udid, timeOf, signal })) };
  });
}

export interface AcceptedVault {
  readonly udid: string;
  /** When the backups were made that nobody looks for any more. */
  readonly missedNoMore: readonly Date[];
}

/**
 * Its owner knows that what is missed is gone, or was deleted elsewhere: what is there is all there is, and the rest may be pruned.
 *
 * @param options.confirm told whose vault it is, and what is missed. Who does not want that throws
 */
export function acceptPhoneVault(
  options: VaultOptions & {
    readonly confirm: (udid: string, missed: readonly MissedBackup[]) => Promise<void>;
  },
): Promise<AcceptedVault> {
  const { dataFolder, confirm, signal } = options;
  return runOperation(
    async () => {
      const udid = await chooseVault(dataFolder, options.vault);
      const repository = await openRepositoryOf(dataFolder, udid, { signal });
      const { missed } = await lookForMissed({ dataFolder, udid, repository }, { signal });
      if (missed.length > 0) await confirm(udid, missed);
      return withVault({ ...options, vault: udid }, async (locked) => {
        const missedNoMore = await acceptMissed({ dataFolder, udid, repository: locked });
        return { udid, missedNoMore };
      });
    },
    nothingChanged,
    signal,
  );
}

/** Works with one vault, under the lock of its phone. */
export function withVault<Result>(
  { dataFolder, vault: wanted, signal }: VaultOptions,
  work: (repository: Repository, udid: string) => Promise<Result>,
): Promise<Result> {
  return runOperation(
    async () => {
      const udid = await chooseVault(dataFolder, wanted);
      const unlock = await lockDevice({ dataFolder, udid, operation: 'vault' });
      try {
        const repository = await openRepositoryOf(dataFolder, udid, { signal });
        return await work(repository, udid);
      } finally {
        await unlock();
      }
    },
    nothingChanged,
    signal,
  );
}

/** @throws `operation.vault-unknown`, `operation.snapshot-ambiguous` */
export async function chooseVault(dataFolder: string, wanted: string | undefined): Promise<string> {
  const phones = (await phonesWithVault(dataFolder)).filter((udid) =>
    udid.toUpperCase().startsWith((wanted ?? '').toUpperCase()),
  );
  const [udid] = phones;
  if (udid === undefined) throw operationError('vault-unknown');
  if (phones.length > 1) throw operationError('snapshot-ambiguous', { count: phones.length });
  return udid;
}
