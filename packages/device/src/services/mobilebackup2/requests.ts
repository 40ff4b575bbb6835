import { asString, type PlistDict } from '@rootcellar/codecs';
import { memoryTree, type Secret } from '@rootcellar/core';
import { mobilebackup2Error } from '../errors.ts';
import { runSession, type SessionOptions, type SessionResult } from './session.ts';

type Wiring = Omit<SessionOptions, 'request' | 'identifiers'>;

/** Names of the folders: the device's own, and the one the backup came from if that differs. */
interface Identifiers {
  readonly udid: string;
  readonly sourceUdid?: string;
}

/**
 * Asks a device to back itself up into `<udid>/` of the tree.
 *
 * @param options.full send everything again, whatever is there already
 *
 * Source: device-protocols §7.2.
 */
export function requestBackup(
  options: Wiring & { readonly udid: string; readonly full?: boolean },
): Promise<SessionResult> {
  const { udid, full } = options;
  const request = {
    MessageName: 'Backup',
    TargetIdentifier: udid,
    ...(full && { Options: { ForceFullBackup: true } }),
  };
  return runSession({ ...options, request, identifiers: [udid] });
}

/**
 * What a restore changes. The wire keys are explained in device-protocols §7.3; the names of other
 * programs' flags contradict each other.
 */
export interface RestoreChoices {
  /** Also what belongs to the system: needed for a phone as it was. */
  readonly systemFiles: boolean;
  /** Keep the device's settings instead of those in the backup. */
  readonly keepSettings: boolean;
  /** Remove what is not in the backup; also makes apps come back with their data (observed §7.1). */
  readonly removeOthers: boolean;
  readonly restart: boolean;
}

/** What Finder does: the device becomes what the backup says. Source: device-protocols §7.3, observed §7.1. */
export const WHOLE_DEVICE: RestoreChoices = {
  systemFiles: true,
  keepSettings: false,
  removeOthers: true,
  restart: true,
};

/** Asks a device to take what is in `<sourceUdid>/` of the tree. */
export function requestRestore(
  options: Wiring & Identifiers & { readonly choices: RestoreChoices; readonly password?: Secret },
): Promise<SessionResult> {
  const { udid, sourceUdid = udid, choices, password } = options;
  const request = {
    MessageName: 'Restore',
    TargetIdentifier: udid,
    SourceIdentifier: sourceUdid,
    Options: {
      RestoreSystemFiles: choices.systemFiles,
      RestorePreserveSettings: choices.keepSettings,
      RemoveItemsNotRestored: choices.removeOthers,
      RestoreShouldReboot: choices.restart,
      // Otherwise we would have to copy the whole backup first.
      RestoreDontCopyBackup: true,
      ...(password && { Password: password.reveal() }),
    },
  };
  return runSession({ ...options, request, identifiers: [udid, sourceUdid] });
}

/** What is known and what is wanted; what is absent is no password. */
export interface PasswordChange {
  readonly old?: Secret;
  readonly new?: Secret;
}

/** A device reads and writes nothing for it; if it does after all, it finds nothing and may keep little. */
const CHANGE_BYTES_MAX = 1024 * 1024;

/**
 * Asks a device to encrypt its backups with a password from now on (only `new`), with another one (both),
 * or no longer (only `old`). Since iOS 13 its owner has to enter the passcode.
 *
 * @throws `mobilebackup2.wrong-password`, `mobilebackup2.passcode-not-entered`,
 *   `mobilebackup2.backup-encrypted-by-policy`
 *
 * Source: device-protocols §8.8.
 */
export function requestPasswordChange(
  options: Omit<Wiring, 'tree'> & { readonly udid: string; readonly passwords: PasswordChange },
): Promise<SessionResult> {
  const { udid, passwords, ...wiring } = options;
  const request = {
    MessageName: 'ChangePassword',
    TargetIdentifier: udid,
    ...(passwords.old && { OldPassword: passwords.old.reveal() }),
    ...(passwords.new && { NewPassword: passwords.new.reveal() }),
  };
  const tree = memoryTree({ capacityBytes: CHANGE_BYTES_MAX });
  return runSession({ ...wiring, tree, request, identifiers: [udid] });
}

/** Asks a device to describe a backup. @returns its words */
export async function requestInfo(options: Wiring & Identifiers): Promise<string> {
  const { udid, sourceUdid = udid } = options;
  const request: PlistDict = {
    MessageName: 'Info',
    TargetIdentifier: udid,
    SourceIdentifier: sourceUdid,
  };
  const { answer } = await runSession({ ...options, request, identifiers: [udid, sourceUdid] });
  const content = asString(answer.content);
  if (content === undefined) throw mobilebackup2Error('unknown-answer', { errorCode: answer.errorCode });
  return content;
}
