import type { PasswordSource } from '@rootcellar/operations';
import type { Command } from 'commander';
import { readPassword, requirePasswordFile } from './password-input.ts';
import type { Surface } from './surface.ts';

const ENVIRONMENT_VARIABLE = 'ROOTCELLAR_BACKUP_PASSWORD';

export interface BackupPasswordOptions {
  readonly passwordFile?: string;
}

/** For commands that may have to open an encrypted backup. */
export function withBackupPassword(command: Command): Command {
  return command.option('--password-file <file>', `holds the backup password (or ${ENVIRONMENT_VARIABLE})`);
}

/**
 * Gives `undefined` where nobody gave one and nobody can be asked: the operation then says what that means.
 *
 * @throws UsageError at once if a file is named that cannot be read, and not when somebody has waited for an hour
 */
export function backupPassword(
  options: BackupPasswordOptions,
  surface: Pick<Surface, 'canAsk' | 'clear' | 'signal'>,
): PasswordSource {
  if (options.passwordFile !== undefined) requirePasswordFile(options.passwordFile);
  return async () => {
    const given = options.passwordFile !== undefined || Boolean(process.env[ENVIRONMENT_VARIABLE]);
    if (!given && !surface.canAsk) return undefined;
    return readPassword(
      {
        purpose: 'the password of this backup',
        environmentVariable: ENVIRONMENT_VARIABLE,
        file: options.passwordFile,
      },
      surface,
    );
  };
}
