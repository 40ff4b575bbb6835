import { readInfo, readManifestPlist } from '@rootcellar/backup';
import { joinPath, KnownError, type ReadableTree, ROOT, saysDamage, subTree } from '@rootcellar/core';
import {
  ARCHIVED_TAG,
  damagedAt,
  deleteSnapshot,
  INCOMPLETE_TAG,
  openSnapshot,
  RECOVERED_TAG,
  retagSnapshot,
  type Snapshot,
  tagsDamaged,
  tagsNotWhole,
  tagsVerified,
  verifiedAt,
} from '@rootcellar/vault';
import { lockDevice } from '../device-lock.ts';
import { operationError } from '../errors.ts';
import { nothingChanged, runOperation } from '../run-operation.ts';
import { CIPHER_LIST } from './cipher-records.ts';
import { type FoundSnapshot, findSnapshotOf } from './find-snapshot.ts';
import {
  IMPORTED_TAG,
  isIncomplete,
  openPhoneVault,
  type PhoneVault,
  phonesWithVault,
  snapshotsToShow,
} from './phone-vault.ts';
import { lookForMissed, type MissedBackup, rememberWithout } from './remembered-newest.ts';
import { tagsOf } from './save-device-snapshot.ts';
import { shortID } from './short-id.ts';
import { snapshotsInUse } from './snapshots-in-use.ts';
import { unfinishedBackups } from './unfinished-backups.ts';

/** One backup in a vault or in a folder, or what a run that did not end has left, as lists show it. */
export interface KeptSnapshot {
  /** Of a folder: where it is. */
  readonly id: string;
  /** What stock restic calls a snapshot now: another one after each change of its tags. */
  readonly recordID: string | undefined;
  readonly kind: 'snapshot' | 'folder' | 'unfinished';
  readonly udid: string;
  readonly deviceName: string | undefined;
  readonly productType: string | undefined;
  readonly productVersion: string | undefined;
  readonly takenAt: Date | undefined;
  /** All it holds, as if it were alone. */
  readonly sizeBytes: number;
  /** What it added to the vault. */
  readonly addedBytes: number | undefined;
  readonly encrypted: boolean;
  readonly kept: 'small' | 'sealed' | undefined;
  /** When every file of it was last checked and found whole. */
  readonly verifiedAt: Date | undefined;
  /** When it was last checked and found damaged. */
  readonly damagedAt: Date | undefined;
  readonly archived: boolean;
  /** Taken in from a folder, which another program may have made. */
  readonly imported: boolean;
  /** Holds what is left of a damaged backup, or of one that failed: files, but nothing that a phone takes. */
  readonly incomplete: boolean;
  /** Its record was lost, and nobody knows yet whether it is whole. */
  readonly foundAgain: boolean;
  /** Can the vault give the list of its files now? */
  readonly readable: boolean;
}

/** A vault that cannot be opened now: what is in it is not known. */
export interface ClosedVault {
  readonly udid: string;
  readonly error: KnownError;
}

/** A record in a vault that is damaged: of which backup it is, and when that was made, nobody can read. */
export interface UnreadableRecord {
  readonly udid: string;
  readonly recordID: string;
}

export interface ListKeptOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of a vault that cannot be opened; without it, one is enough to fail. */
  readonly onClosed?: (vault: ClosedVault) => void;
  /** Told of what is not in the list because nobody can read what it is. */
  readonly onUnreadable?: (record: UnreadableRecord) => void;
  /** Told of what should be in the list, and is not, or is not known to be whole. */
  readonly onMissed?: (backup: MissedBackup) => void;
  /** If only those of one phone are wanted. */
  readonly udid?: string | undefined;
  /** What was listed before: records never change, so those of them are not looked into again. */
  readonly before?: readonly KeptSnapshot[];
}

/** All backups in vaults, the newest first; unfinished ones before them. */
export function listKeptSnapshots(
  dataFolder: string,
  options: ListKeptOptions = {},
): Promise<readonly KeptSnapshot[]> {
  const { signal, onClosed, udid: wanted, before = [] } = options;
  // What could not be read may have been mended.
  const known = new Map(before.filter(({ readable }) => readable).map((kept) => [kept.recordID, kept]));
  return runOperation(
    async () => {
      const kept: KeptSnapshot[] = [];
      const isWanted = (udid: string) => wanted === undefined || udid === wanted;
      for (const udid of (await phonesWithVault(dataFolder)).filter(isWanted)) {
        try {
          const vault = await openPhoneVault(dataFolder, udid, { signal });
          if (vault === undefined) continue;
          for (const snapshot of await shownOf(vault, { ...options, dataFolder }))
            kept.push(known.get(snapshot.recordID) ?? (await describe(vault, snapshot)));
        } catch (error) {
          if (onClosed === undefined || !(error instanceof KnownError)) throw error;
          onClosed({ udid, error });
        }
      }
      kept.sort((one, other) => (other.takenAt?.getTime() ?? 0) - (one.takenAt?.getTime() ?? 0));
      const nameOf = (udid: string) => kept.find((one) => one.udid === udid)?.deviceName;
      const unfinished = await unfinishedBackups(dataFolder, nameOf);
      return [...unfinished.filter(({ udid }) => isWanted(udid)), ...kept];
    },
    nothingChanged,
    signal,
  );
}

/** What is in a vault; of what should be in it besides, somebody is told. */
async function shownOf(
  { udid, contents: { repository } }: PhoneVault,
  { dataFolder, signal, onUnreadable, onMissed }: ListKeptOptions & { readonly dataFolder: string },
): Promise<readonly Snapshot[]> {
  const { shown, missed } = await lookForMissed(
    { dataFolder, udid, repository },
    { signal, onUnreadable: (recordID) => onUnreadable?.({ udid, recordID }) },
  );
  for (const backup of missed) onMissed?.(backup);
  return shown;
}

async function describe(vault: PhoneVault, snapshot: Snapshot): Promise<KeptSnapshot> {
  const { udid } = vault;
  // What describes a backup lies there as it was sent: no need for the list of what was decrypted.
  const device = subTree(openSnapshot(vault.contents, snapshot), joinPath(ROOT, udid));
  const readable = await isReadable(device);
  const plist = await readManifestPlist(device).catch(() => undefined);
  const info = await readInfo(device).catch(() => undefined);
  const lockdown = plist?.lockdown;
  const kept = snapshot.tags.find((tag) => tag.startsWith('kept:'))?.slice('kept:'.length);
  return {
    id: snapshot.id,
    recordID: snapshot.recordID,
    kind: 'snapshot',
    udid,
    deviceName: lockdown?.deviceName ?? info?.deviceName,
    productType: lockdown?.productType,
    productVersion: lockdown?.productVersion,
    takenAt: snapshot.time,
    sizeBytes: snapshot.summary?.bytes ?? 0,
    addedBytes: snapshot.summary?.addedPackedBytes,
    encrypted: plist?.isEncrypted ?? false,
    kept: kept === 'small' || kept === 'sealed' ? kept : undefined,
    verifiedAt: verifiedAt(snapshot),
    damagedAt: damagedAt(snapshot),
    archived: snapshot.tags.includes(ARCHIVED_TAG),
    imported: snapshot.tags.includes(IMPORTED_TAG),
    incomplete: isIncomplete(snapshot),
    foundAgain: snapshot.tags.includes(RECOVERED_TAG),
    readable,
  };
}

/** A damaged backup is in the list all the same; of a vault that is out of reach, nobody knows what is in it. */
async function isReadable(device: ReadableTree): Promise<boolean> {
  try {
    return (await device.stat(ROOT)) !== undefined;
  } catch (error) {
    if (!saysDamage(error)) throw error;
    return false;
  }
}

/** As the owner of a phone calls it, as far as its newest backup tells. */
export async function deviceNameIn(vault: PhoneVault): Promise<string | undefined> {
  const newest = (await snapshotsToShow(vault.contents.repository, vault.udid)).at(-1);
  return newest && (await describe(vault, newest)).deviceName;
}

export interface SnapshotOptions {
  readonly dataFolder: string;
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pins a backup, so that no rule removes it, or unpins it.
 * @throws `operation.snapshot-unknown`, `operation.device-busy` as `OperationFailure`
 */
export function archiveSnapshot(
  options: SnapshotOptions & { readonly archived: boolean },
): Promise<KeptSnapshot> {
  return withSnapshot(options, async ({ vault, snapshot }) => {
    const others = snapshot.tags.filter((tag) => tag !== ARCHIVED_TAG);
    return retag(vault, snapshot, options.archived ? [...others, ARCHIVED_TAG] : others);
  });
}

/**
 * Every file is what was backed up; nothing is missing, and nothing was found wrong, but not every file has a hash; the vault
 * lacks something; it is not what was backed up, whatever the vault has.
 */
export type Found = 'whole' | 'complete' | 'damaged' | 'not-whole';

const TAGS_FOR = { whole: tagsVerified, damaged: tagsDamaged, 'not-whole': tagsNotWhole };

/** Remembers when every file of a backup was checked, and what was found. */
export function markChecked(
  options: SnapshotOptions & { readonly at: Date; readonly found: Found },
): Promise<KeptSnapshot> {
  const { at, found, dataFolder } = options;
  return withSnapshot(options, async ({ vault, snapshot }) => {
    const { repository } = vault.contents;
    const tags = found === 'complete' ? snapshot.tags : TAGS_FOR[found](snapshot, at);
    if (!isIncomplete(snapshot)) return retag(vault, snapshot, tags);
    const isGood = found === 'whole' || found === 'complete';
    if (isGood && snapshot.tags.includes(RECOVERED_TAG))
      return retag(vault, snapshot, await tagsOfFoundAgain(vault, { ...snapshot, tags }));
    // What is left of a damaged one is called incomplete already; whoever had it for the newest one knows better now.
    if (!isGood) await rememberWithout({ dataFolder, udid: vault.udid, repository }, [snapshot]);
    return describe(vault, snapshot);
  });
}

/** One whose record was lost was called incomplete because nobody knew what it is. It stays archived, as it may have been. */
async function tagsOfFoundAgain(vault: PhoneVault, snapshot: Snapshot): Promise<readonly string[]> {
  const isSmall = (await openSnapshot(vault.contents, snapshot).stat(CIPHER_LIST)) !== undefined;
  const others = snapshot.tags.filter((tag) => !TAGS_OF_UNKNOWN.has(tag));
  return [...tagsOf(vault.udid, isSmall ? 'small' : 'sealed'), ...others];
}

const TAGS_OF_UNKNOWN: ReadonlySet<string> = new Set([INCOMPLETE_TAG, RECOVERED_TAG]);

async function retag(vault: PhoneVault, snapshot: Snapshot, tags: readonly string[]): Promise<KeptSnapshot> {
  const changed = await retagSnapshot(vault.contents.repository, snapshot, tags, { recordedAt: new Date() });
  return describe(vault, changed);
}

export interface DeleteOptions extends SnapshotOptions {
  /** Told which backup is meant, before anything is locked. Whoever does not want it deleted throws. */
  readonly confirm?: ((backup: KeptSnapshot) => Promise<void>) | undefined;
}

/**
 * Deletes a backup. What it alone needed is freed by pruning the vault.
 * @throws `operation.snapshot-unknown`, `operation.snapshot-archived`, `operation.device-busy` as `OperationFailure`
 */
export async function deleteKeptSnapshot(options: DeleteOptions): Promise<{ readonly id: string }> {
  const what = await confirmedID(options);
  return withSnapshot({ ...options, what }, async ({ vault, snapshot }) => {
    if (snapshot.tags.includes(ARCHIVED_TAG))
      throw operationError('snapshot-archived', { id: shortID(snapshot.id) });
    if ((await snapshotsInUse(options.dataFolder, vault.udid)).has(snapshot.id))
      throw operationError('snapshot-in-use');
    const { repository } = vault.contents;
    await rememberWithout({ dataFolder: options.dataFolder, udid: vault.udid, repository }, [snapshot]);
    await deleteSnapshot(repository, snapshot.id);
    return { id: snapshot.id };
  });
}

function confirmedID({ dataFolder, what, confirm, signal }: DeleteOptions): Promise<string> {
  return runOperation(
    async () => {
      if (confirm === undefined) return what;
      const { vault, snapshot } = await findKept(what, dataFolder);
      await confirm(await describe(vault, snapshot));
      return snapshot.id;
    },
    nothingChanged,
    signal,
  );
}

/** @throws `operation.snapshot-unknown`, as `findSnapshotOf` */
async function findKept(what: string, dataFolder: string): Promise<FoundSnapshot> {
  const found = await findSnapshotOf(what, dataFolder);
  if (found === undefined) throw operationError('snapshot-unknown');
  return found;
}

function withSnapshot<Result>(
  { dataFolder, what, signal }: SnapshotOptions,
  work: (found: FoundSnapshot) => Promise<Result>,
): Promise<Result> {
  return runOperation(
    async () => {
      const found = await findKept(what, dataFolder);
      const unlock = await lockDevice({ dataFolder, udid: found.vault.udid, operation: 'vault' });
      try {
        return await work(found);
      } finally {
        await unlock();
      }
    },
    nothingChanged,
    signal,
  );
}
