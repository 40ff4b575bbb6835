import { type Comparison, compareBackups, type Difference } from '@rootcellar/backup';
import type { BackupWhat } from './backup-source.ts';
import { type BrowseOptions, readBackup } from './browse-backup.ts';

export interface CompareDeviceBackupsOptions extends Omit<BrowseOptions, 'what'> {
  /** The older one. */
  readonly before: BackupWhat;
  readonly after: BackupWhat;
  readonly onDifference?: (difference: Difference) => void;
}

/**
 * What came, changed and went between two backups, by their lists of files. Both may have passwords; each is asked
 * for.
 *
 * @throws as `readBackup`
 */
export function compareDeviceBackups(options: CompareDeviceBackupsOptions): Promise<Comparison> {
  const { before, after, onDifference, ...common } = options;
  const more = { ...(onDifference && { onDifference }), ...(common.signal && { signal: common.signal }) };
  return readBackup({ ...common, what: before }, (older) =>
    readBackup({ ...common, what: after }, (newer) =>
      compareBackups(older.backup.manifest, newer.backup.manifest, more),
    ),
  );
}
