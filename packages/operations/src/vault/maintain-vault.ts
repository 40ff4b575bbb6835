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
import { isIncomplete, openRepositoryOf, phonesWithVault } from './phone-vault.ts';
import {
  giveUpMissed,
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
      isWhole: report.isWhole && gone.length === 0,
      isSentSince: isSentSince(shown, report),
    };
  });
}

/** A backup heals all that the phone still sends, in the same bytes, of what was given up before it. */
function isSentSince(shown: readonly Snapshot[], { damagedSnapshots }: CheckReport): boolean {
  const newest = shown.findLast((snapshot) => !isIncomplete(snapshot));
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
  /** When backups were made that were missed, and of which nothing was found: nobody looks for them any more. */
  readonly missedNoMore: readonly Date[];
}

/** Makes a lost or damaged index anew, from the packs. With `salvage` also keeps what is whole of damaged backups. */
export function repairPhoneVault(
  options: VaultOptions & { readonly salvage?: boolean },
): Promise<VaultRepair> {
  const { dataFolder, salvage, signal } = options;
  return withVault(options, async (repository, udid) => {
    const repair = await repairIndex(repository, { signal });
    if (repair.foundPacks.length > 0) await noteNamedAgain(repository, { signal });
    if (!salvage) return { udid, ...repair, ...NOTHING_SALVAGED, missedNoMore: [] };
    const vault = { dataFolder, udid, repository };
    const saved = await salvageVault(repository, { udid, timeOf: await rememberedTimes(vault), signal });
    // What cannot be read now may be it: the disk may be half there.
    const isAllRead = repair.lostPacks.length + repair.unreadablePacks.length + saved.piecesLost === 0;
    return { udid, ...repair, ...saved, missedNoMore: isAllRead ? await giveUpMissed(vault) : [] };
  });
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
