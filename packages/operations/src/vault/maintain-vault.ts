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
  unreadableAt,
} from '@rootcellar/vault';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { noteDamage, noteNamedAgain } from './note-damage.ts';
import { isIncomplete, openRepositoryOf, phonesWithVault, snapshotsToShow } from './phone-vault.ts';
import { forgetNewest } from './remembered-newest.ts';
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
  /** Has the iPhone sent a whole backup since what is damaged was given up? Then it had no more of it. */
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
    const shown = await snapshotsToShow(repository, udid, options.signal);
    return { udid, backups: shown.length, isSentSince: isSentSince(shown), ...report };
  });
}

/** A backup heals all that the phone still has of what was given up before it. */
function isSentSince(shown: readonly Snapshot[]): boolean {
  const newest = shown.findLast((snapshot) => !isIncomplete(snapshot));
  if (newest === undefined || damagedAt(newest) !== undefined) return false;
  const damaged = shown.filter((snapshot) => unreadableAt(snapshot) !== undefined);
  return damaged.every((snapshot) => (givenUpAt(snapshot) ?? newest.time) < newest.time);
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
    if (!dryRun) await forgetNewest({ dataFolder, udid, repository }, retained.removed);
    return { udid, ...retained };
  });
}

/** Frees the room that no backup needs any more. */
export function prunePhoneVault(options: VaultOptions): Promise<PruneReport & { readonly udid: string }> {
  return withVault(options, async (repository, udid) => ({
    udid,
    ...(await prune(repository, { signal: options.signal })),
  }));
}

const NOTHING_SALVAGED: SalvageReport = { salvaged: [], recovered: [], piecesLost: 0 };

export interface VaultRepair extends IndexRepair, SalvageReport {
  readonly udid: string;
}

/** Makes a lost or damaged index anew, from the packs. With `salvage` also keeps what is whole of damaged backups. */
export function repairPhoneVault(
  options: VaultOptions & { readonly salvage?: boolean },
): Promise<VaultRepair> {
  const { salvage, signal } = options;
  return withVault(options, async (repository, udid) => {
    const repair = await repairIndex(repository, { signal });
    if (repair.foundPacks.length > 0) await noteNamedAgain(repository, { signal });
    const saved = salvage ? await salvageVault(repository, { udid, signal }) : NOTHING_SALVAGED;
    return { udid, ...repair, ...saved };
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
