import { join } from 'node:path';
import { type Clock, folderTree, OperationFailure, systemClock } from '@rootcellar/core';
import { backUpDevice } from '../back-up-device/back-up-device.ts';
import { type OpenableBackup, openFoundSnapshot } from '../backup-source.ts';
import { compareDeviceBackups } from '../compare-device-backups.ts';
import { lockDevice } from '../device-lock.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { findSnapshotOf } from '../vault/find-snapshot.ts';
import {
  archiveSnapshot,
  type ClosedVault,
  deleteKeptSnapshot,
  type KeptSnapshot,
  listKeptSnapshots,
} from '../vault/kept-snapshots.ts';
import { removeStaging, vaultPlaces } from '../vault/vault-places.ts';
import { type Kept, vaultTarget } from '../vault/vault-target.ts';
import { verifyDeviceBackup } from '../verify-device-backup.ts';
import type { BackupLibrary, KeptBackup } from './backup-library.ts';
import { libraryError } from './errors.ts';

const UNFINISHED = 'unfinished-';

const LOOKED_ONLY = { dataState: 'unchanged', yourData: 'Nothing was changed.' } as const;

/** The vaults of all phones under a data folder: every version is kept. */
export function vaultLibrary(options: {
  readonly dataFolder: string;
  /** How an encrypted backup is kept, by the UDID of its phone. Default: what is remembered, else `usualKept`. */
  readonly keep?: (udid: string | undefined) => Kept | undefined;
  readonly clock?: Clock;
}): BackupLibrary {
  return new VaultLibrary(
    options.dataFolder,
    options.keep ?? (() => undefined),
    options.clock ?? systemClock,
  );
}

class VaultLibrary implements BackupLibrary {
  readonly #dataFolder: string;
  readonly #keep: (udid: string | undefined) => Kept | undefined;
  readonly #clock: Clock;
  /** What was listed last, by UDID. */
  #seen: ReadonlyMap<string, readonly KeptSnapshot[]> = new Map();

  constructor(dataFolder: string, keep: (udid: string | undefined) => Kept | undefined, clock: Clock) {
    this.#dataFolder = dataFolder;
    this.#keep = keep;
    this.#clock = clock;
  }

  /** A vault that cannot be opened now has what it had when it was listed last. */
  async list(udid?: string): Promise<readonly KeptBackup[]> {
    const closed: ClosedVault[] = [];
    const listed = await listKeptSnapshots(this.#dataFolder, {
      onClosed: (vault) => closed.push(vault),
      udid,
      before: [...this.#seen.values()].flat(),
    });
    const before = closed.flatMap((vault) => {
      const seen = this.#seen.get(vault.udid);
      // Without it the list would say that the phone has no backups, and nobody knows that.
      if (seen === undefined) throw new OperationFailure(vault.error, LOOKED_ONLY);
      return seen.filter(({ kind }) => kind !== 'unfinished');
    });
    const all = [...listed, ...before];
    const now = Map.groupBy(all, (kept) => kept.udid);
    this.#seen = udid === undefined ? now : new Map([...this.#seen, [udid, now.get(udid) ?? []]]);
    return all.map(toKept).sort(newestFirst);
  }

  async find(id: string): Promise<KeptBackup> {
    const item = (await this.list()).find((kept) => kept.id === id);
    if (item === undefined) throw libraryError('backup-unknown');
    return item;
  }

  openable(id: string): OpenableBackup {
    return {
      // Under which the vault is not pruned.
      lockName: async () => (await this.find(id)).udid,
      open: async () => {
        if (id.startsWith(UNFINISHED)) throw libraryError('unfinished');
        const found = await findSnapshotOf(id, this.#dataFolder);
        if (found === undefined) throw libraryError('backup-unknown');
        return openFoundSnapshot(found);
      },
    };
  }

  async backUp(options: Parameters<BackupLibrary['backUp']>[0]) {
    const target = vaultTarget(this.#dataFolder, { keep: this.#keep(options.device) });
    const report = await backUpDevice({ ...options, dataFolder: this.#dataFolder, target });
    return { ...report, id: report.snapshot ?? '' };
  }

  verify(id: string, options: Parameters<BackupLibrary['verify']>[1]) {
    const dataFolder = this.#dataFolder;
    return verifyDeviceBackup(this.openable(id), { clock: this.#clock, ...options, dataFolder });
  }

  compare(
    { before, after }: Parameters<BackupLibrary['compare']>[0],
    options: Parameters<BackupLibrary['compare']>[1],
  ) {
    return compareDeviceBackups({ ...options, before: this.openable(before), after: this.openable(after) });
  }

  /** What it added; pruning frees at most that. */
  async freedByDelete(id: string): Promise<number> {
    const { kind, addedBytes, sizeBytes } = await this.find(id);
    return kind === 'unfinished' ? sizeBytes : (addedBytes ?? 0);
  }

  async delete(id: string): Promise<void> {
    const { kind, udid, archived } = await runOperation(() => this.find(id), nothingChanged);
    if (archived) return runOperation(() => Promise.reject(libraryError('archived')), nothingChanged);
    if (kind === 'unfinished') return this.#deleteUnfinished(udid);
    await deleteKeptSnapshot({ dataFolder: this.#dataFolder, what: id });
  }

  async archive(id: string, archived: boolean): Promise<KeptBackup> {
    if (id.startsWith(UNFINISHED))
      return runOperation(() => Promise.reject(libraryError('unfinished')), nothingChanged);
    return toKept(await archiveSnapshot({ dataFolder: this.#dataFolder, what: id, archived }));
  }

  freeBytes(): Promise<number> {
    return folderTree(this.#dataFolder).freeBytes();
  }

  #deleteUnfinished(udid: string): Promise<void> {
    return runOperation(async () => {
      const unlock = await lockDevice({ dataFolder: this.#dataFolder, udid, operation: 'delete' });
      try {
        await removeStaging(vaultPlaces(folderTree(join(this.#dataFolder, 'staging')), udid));
      } finally {
        await unlock();
      }
    }, nothingChanged);
  }
}

/** Unfinished ones go before all others. */
export function newestFirst(one: KeptBackup, other: KeptBackup): number {
  const ofUnfinished = Number(other.kind === 'unfinished') - Number(one.kind === 'unfinished');
  return ofUnfinished || (other.takenAt?.getTime() ?? 0) - (one.takenAt?.getTime() ?? 0);
}

function toKept({ kept, verifiedAt, damagedAt, ...snapshot }: KeptSnapshot): KeptBackup {
  const verification =
    (verifiedAt && { at: verifiedAt, verdict: 'whole' as const }) ??
    (damagedAt && { at: damagedAt, verdict: 'damaged' as const });
  return {
    ...snapshot,
    keptAs: snapshot.encrypted ? kept : undefined,
    deviceName: snapshot.deviceName ?? snapshot.udid,
    verified: verifiedAt !== undefined,
    verification,
  };
}
