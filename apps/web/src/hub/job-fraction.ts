import type { Job } from '@rootcellar/api';
import { useBackups } from './queries.ts';

/** Until it has ended, a check is never quite done. */
const NEARLY = 0.99;

/** How far a job is, 0…1. A check reads what its backup holds, so its share is known even where nobody counted. */
export function useJobFraction(job: Job): number | undefined {
  const { data: backups } = useBackups(job.udid);
  const { fraction, bytes } = job.progress;
  if (fraction !== undefined || job.kind !== 'verify' || bytes === undefined) return fraction;
  const size = backups?.find(({ id }) => id === job.backup)?.sizeBytes;
  return size ? Math.min(NEARLY, bytes / size) : undefined;
}
