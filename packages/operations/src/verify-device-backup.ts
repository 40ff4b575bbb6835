import { type Verification, type VerifyOptions, verifyBackup } from '@rootcellar/backup';
import { keysOf, type PasswordSource } from './backup-password.ts';
import { type BackupWhat, openBackupSource } from './backup-source.ts';
import { nothingChanged, runOperation } from './run-operation.ts';

export interface VerifyDeviceBackupOptions extends Pick<VerifyOptions, 'deep' | 'onProgress' | 'signal'> {
  readonly password?: PasswordSource | undefined;
}

export interface CheckedBackup extends Verification {
  readonly folder: string;
}

/**
 * Checks every file of a backup against its manifest, as far as the format allows, and against the hashes that it
 * had when it arrived, if it was made by this program. Changes nothing.
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
      const { tree, folder, received, diskFolder } = await openBackupSource(what);
      const keys = await keysOf(tree, options.password, options.signal);
      return { folder, ...(await verifyBackup(tree, { ...options, keys, received, diskFolder })) };
    },
    nothingChanged,
    options.signal,
  );
}
