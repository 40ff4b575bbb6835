import type { BackupSummary, Device } from '@rootcellar/api';
import { useNow } from '../../hub/use-now.ts';
import { useLanguage } from '../../words/language.tsx';

/** What parts of a page are given that show one backup. */
export interface OneBackup {
  readonly device: Device;
  readonly backup: BackupSummary;
}

/** When a backup was taken: what its owner calls it by. */
export function useTaken({ takenAt }: Pick<BackupSummary, 'takenAt'>): string {
  const { format } = useLanguage();
  const now = useNow();
  return takenAt ? format.moment(takenAt, now) : '–';
}
