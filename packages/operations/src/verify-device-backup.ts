import { type Verification, type VerifyOptions, verifyBackup } from '@rootcellar/backup';
import { openBackupSource } from './restore-device/backup-source.ts';
import { nothingChanged, runOperation } from './run-operation.ts';

export interface CheckedBackup extends Verification {
  readonly folder: string;
}

/**
 * Checks every file of a backup against its manifest, as far as the format allows. Changes nothing.
 *
 * @param what a backup folder, or a folder that holds exactly one
 * @throws `operation.folder-unknown`, `operation.folder-ambiguous` as `OperationFailure`
 */
export function verifyDeviceBackup(what: string, options: VerifyOptions = {}): Promise<CheckedBackup> {
  return runOperation(
    async () => {
      const { tree, folder } = await openBackupSource(what);
      return { folder, ...(await verifyBackup(tree, options)) };
    },
    nothingChanged,
    options.signal,
  );
}
