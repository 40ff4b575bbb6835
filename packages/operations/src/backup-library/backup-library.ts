import type { Comparison } from '@rootcellar/backup';
import type { BackUpDeviceOptions, BackupReport } from '../back-up-device/back-up-device.ts';
import type { OpenableBackup } from '../backup-source.ts';
import type { CompareDeviceBackupsOptions } from '../compare-device-backups.ts';
import type { Kept } from '../vault/vault-target.ts';
import type { CheckedBackup, VerifyDeviceBackupOptions } from '../verify-device-backup.ts';

/** `unfinished`: what a run that did not end has left for the next one. */
export type KeptKind = 'snapshot' | 'folder' | 'unfinished';

/** One backup that is kept, as lists show it. */
export interface KeptBackup {
  /** Stable as long as it is kept. */
  readonly id: string;
  /** What stock restic calls it now; `undefined` outside of vaults. */
  readonly recordID: string | undefined;
  readonly kind: KeptKind;
  readonly udid: string;
  readonly deviceName: string;
  readonly productType: string | undefined;
  readonly productVersion: string | undefined;
  readonly takenAt: Date | undefined;
  /** All it holds, as if it were alone. */
  readonly sizeBytes: number;
  /** What it added to those before it; `undefined` where nobody has counted. */
  readonly addedBytes: number | undefined;
  readonly encrypted: boolean;
  /** Was every file of it checked, and found whole? */
  readonly verified: boolean;
  /** The last check. */
  readonly verification: { readonly at: Date; readonly verdict: CheckedBackup['verdict'] } | undefined;
  /** No rule and no new backup removes it. */
  readonly archived: boolean;
  /** What is left of a damaged backup, or of one that failed: files can be taken out, a phone takes nothing of it. */
  readonly incomplete: boolean;
  /** How an encrypted one lies there; `undefined` where nobody has noted it. */
  readonly keptAs: Kept | undefined;
}

export type LibraryBackupOptions = Omit<BackUpDeviceOptions, 'target' | 'dataFolder'>;

export interface LibraryBackupReport extends BackupReport {
  /** Under which it is kept. */
  readonly id: string;
}

/**
 * Where backups are kept: the one interface between the verbs and a place. Whatever it gives out stays readable until
 * it is deleted; what it does with phones, it does under their locks.
 *
 * Every method that takes an id throws `library.backup-unknown` if there is none; all throw `OperationFailure`.
 */
export interface BackupLibrary {
  /** The newest first. @param udid if only those of one phone are wanted */
  list(udid?: string): Promise<readonly KeptBackup[]>;
  find(id: string): Promise<KeptBackup>;
  /** For `restoreDevice`, `readBackup` and whoever else reads. @throws `library.unfinished` when it is opened */
  openable(id: string): OpenableBackup;
  /** As `backUpDevice`, into this place. */
  backUp(options: LibraryBackupOptions): Promise<LibraryBackupReport>;
  /** As `verifyDeviceBackup`; what it found is remembered with the backup. */
  verify(id: string, options: VerifyDeviceBackupOptions): Promise<CheckedBackup>;
  compare(
    ids: { readonly before: string; readonly after: string },
    options: Omit<CompareDeviceBackupsOptions, 'before' | 'after'>,
  ): Promise<Comparison>;
  /** How much room deleting it would give back. */
  freedByDelete(id: string): Promise<number>;
  /** @throws `library.archived`, `operation.device-busy` */
  delete(id: string): Promise<void>;
  /** @returns the backup that is archived, or is no longer; its id may be another one. @throws `library.unfinished` */
  archive(id: string, archived: boolean): Promise<KeptBackup>;
  /** What can still be written there. */
  freeBytes(): Promise<number>;
}
