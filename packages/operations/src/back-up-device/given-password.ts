import { type BackupKeys, backupError, readStatus } from '@rootcellar/backup';
import type { ReadableTree } from '@rootcellar/core';
import { keysOf, type PasswordSource } from '../backup-password.ts';
import { readPasswordChange } from '../change-encryption/remembered-change.ts';

/** What to do when a password does not open the last backup, and may be right all the same. */
export const NOT_OF_LAST_BACKUP =
  'Try again: the last backup of this iPhone does not open with it. If the password was changed elsewhere since then, ' +
  'back up once without giving it.';

/** What opens a backup that has just arrived. */
export interface Opened {
  /** `undefined` if it is not encrypted, nobody gave a password, or it is the wrong one. */
  readonly keys: BackupKeys | undefined;
  readonly wrongPassword: boolean;
}

/**
 * Tries a password on the last backup, before the phone is asked for anything: who mistyped it should not wait for an
 * hour. A phone may have another password since; where that was changed from here, nothing is said about it.
 *
 * @param device the last backup
 * @throws `backup.password-wrong`
 */
export async function requireNotWrong(
  device: ReadableTree,
  options: {
    readonly password: PasswordSource | undefined;
    readonly dataFolder: string;
    readonly udid: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { dataFolder, udid, password, signal } = options;
  if (password === undefined) return;
  const madeAt = (await readStatus(device).catch(() => undefined))?.date;
  const changedAt = await readPasswordChange(dataFolder, udid);
  if (changedAt && (madeAt === undefined || madeAt.getTime() < wholeSecond(changedAt))) return;
  const { wrongPassword } = await tryPassword(device, password, signal);
  if (wrongPassword) throw backupError('password-wrong');
}

/** A wrong password is no reason to lose a backup that has arrived. */
export async function tryPassword(
  device: ReadableTree,
  password: PasswordSource | undefined,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  try {
    return { keys: await keysOf(device, password, signal), wrongPassword: false };
  } catch (error) {
    if (!backupError.matches(error)) throw error;
    return { keys: undefined, wrongPassword: backupError.matches(error, 'password-wrong') };
  }
}

/** Phones date their backups by the second. */
const wholeSecond = (date: Date): number => Math.floor(date.getTime() / 1_000) * 1_000;
