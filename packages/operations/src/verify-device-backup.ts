import {
  type FindingCode,
  readStatus,
  type Verdict,
  type Verification,
  type VerifyOptions,
  verifyBackup,
} from '@rootcellar/backup';
import { type Clock, KnownError, saysDamage, systemClock } from '@rootcellar/core';
import { keysOf, type PasswordSource } from './backup-password.ts';
import { type BackupSource, type BackupWhat, findBackup } from './backup-source.ts';
import { nothingChanged, runOperation } from './run-operation.ts';
import { newerThan } from './vault/find-snapshot.ts';
import { type Found, markChecked } from './vault/kept-snapshots.ts';
import { noticingLoss } from './vault/noticing-loss.ts';

/** A backup older than this is called old, however whole it is. */
const OLD_AFTER_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface VerifyDeviceBackupOptions extends Pick<VerifyOptions, 'deep' | 'onProgress' | 'signal'> {
  readonly password?: PasswordSource | undefined;
  /** Where vaults are looked for; without it, only folders are. */
  readonly dataFolder?: string | undefined;
  readonly clock?: Clock;
}

export interface CheckedBackup extends Omit<Verification, 'verdict'> {
  /** `whole-but-old`: there is a newer one of the phone, or it is over 30 days old. */
  readonly verdict: Verdict | 'whole-but-old';
  readonly folder: string;
  /** Of a whole one; otherwise its age is nobody's first worry. */
  readonly age?: BackupAge;
}

/** Why a whole backup is called old, if it is. */
export interface BackupAge {
  /** When the phone finished it, if it says so. */
  readonly takenAt: Date | undefined;
  /** When the newest one of the phone was stored, if this one is not it; known in vaults only. */
  readonly newestAt: Date | undefined;
  /** Over 30 days old. */
  readonly isLongAgo: boolean;
}

/**
 * Checks every file of a backup against its manifest, as far as the format allows, and against the hashes that it
 * had when it arrived, if it was made by this program. Changes nothing, but for a note in the vault: every file of it was proved, or it is damaged.
 *
 * @param options.password of an encrypted backup; asked for only if the backup is encrypted
 * @throws `operation.folder-unknown`, `operation.folder-ambiguous`, `backup.password-wrong`,
 *   `backup.keybag-damaged` as `OperationFailure`
 */
export function verifyDeviceBackup(
  what: BackupWhat,
  options: VerifyDeviceBackupOptions = {},
): Promise<CheckedBackup> {
  return runOperation(
    async () => {
      const source = await openOrNote(what, options);
      const { folder, received, areHashesDamaged, diskFolder } = source;
      const { tree, lost } = noticingLoss(source.tree);
      const now = () => (options.clock ?? systemClock).now();
      // Without its keys, or with a folder of it, so much is lost that nobody can look at the rest.
      const noteLoss = async (error: unknown): Promise<never> => {
        if (lost()) await note(source, options, { found: 'damaged', at: now() });
        throw error;
      };
      const keys = await keysOf(tree, options.password, options.signal).catch(noteLoss);
      const check = () => verifyBackup(tree, { ...options, keys, received, areHashesDamaged, diskFolder });
      const checked = await source.hold(check, options.signal).catch(noteLoss);
      const at = now();
      const isLost = areHashesDamaged === true || lost();
      for (const found of damageIn(checked, isLost)) await note(source, options, { found, at });
      if (checked.verdict !== 'whole') return { folder, ...checked };
      if (checked.checkedBy.digest === checked.files) await note(source, options, { found: 'whole', at });
      else if (source.isIncomplete) await note(source, options, { found: 'complete', at });
      const age = await ageOf(source, options, at);
      const isOld = age.isLongAgo || age.newestAt !== undefined;
      return { folder, ...checked, age, verdict: isOld ? 'whole-but-old' : 'whole' };
    },
    nothingChanged,
    options.signal,
  );
}

/** Findings that may be nothing but bytes that the vault has lost: then a check of the vault can tell when they are back. */
const OF_LOST_BYTES: ReadonlySet<FindingCode> = new Set([
  'blob-unreadable',
  'hashes-unreadable',
  'info-unreadable',
  'status-unreadable',
  'manifest-plist-unreadable',
  'manifest-unreadable',
]);

/** What else is wrong was stored so, and stays until somebody verifies the backup again and finds it whole. */
function damageIn({ verdict, findings }: Verification, isLost: boolean): readonly Found[] {
  if (verdict !== 'damaged' && verdict !== 'incomplete') return [];
  const isWrong = findings.some(
    ({ code, severity }) =>
      (severity === 'damage' || severity === 'incomplete') && !(isLost && OF_LOST_BYTES.has(code)),
  );
  if (!isLost) return ['not-whole'];
  return isWrong ? ['damaged', 'not-whole'] : ['damaged'];
}

/** One that is too damaged to be opened is damaged: the very one that was found, whatever is the newest by then. */
async function openOrNote(what: BackupWhat, options: VerifyDeviceBackupOptions): Promise<BackupSource> {
  const found = await findBackup(what, options.dataFolder);
  try {
    return await found.open();
  } catch (error) {
    const now = (options.clock ?? systemClock).now();
    if (saysDamage(error)) await note({ snapshot: found.snapshot }, options, { found: 'damaged', at: now });
    throw error;
  }
}

async function ageOf(
  { tree, snapshot }: BackupSource,
  { dataFolder }: VerifyDeviceBackupOptions,
  now: Date,
): Promise<BackupAge> {
  const isInVault = snapshot !== undefined && dataFolder !== undefined;
  const newestAt = isInVault ? await newerThan(snapshot, dataFolder) : undefined;
  const { date: takenAt } = await readStatus(tree);
  const isLongAgo = takenAt !== undefined && now.getTime() - takenAt.getTime() > OLD_AFTER_DAYS * DAY_MS;
  return { takenAt, newestAt, isLongAgo };
}

/** Somebody who backs up the phone meanwhile is not to be stopped by a note. */
async function note(
  { snapshot }: Pick<BackupSource, 'snapshot'>,
  { dataFolder }: VerifyDeviceBackupOptions,
  checked: { readonly found: Found; readonly at: Date },
): Promise<void> {
  if (snapshot === undefined || dataFolder === undefined) return;
  try {
    await markChecked({ dataFolder, what: snapshot, ...checked });
  } catch (error) {
    if (!(error instanceof KnownError) && !(error instanceof Error && error.name === 'OperationFailure'))
      throw error;
  }
}
