import type { Job } from '@rootcellar/api';
import { useEffect, useRef } from 'react';
import { useBackupPasswords } from './backup-passwords.tsx';
import { isEnded, useJobs } from './queries.ts';

/** Was this backup stored, and could not be opened with the password that was given? */
export function isNotOpened({ result }: Job): boolean {
  return result?.kind === 'backup' && result.wrongPassword;
}

/** Has this job shown that the password typed for it is wrong? */
export function showsWrongPassword(job: Job): boolean {
  return isNotOpened(job) || job.error?.code === 'backup.password-wrong';
}

/** A password that a job has found to be wrong is asked for again, instead of being given once more. */
export function useForgetWrongPasswords(): void {
  const jobs = useJobs();
  const passwords = useBackupPasswords();
  const seen = useRef(new Set<string>());
  useEffect(() => {
    for (const job of jobs) {
      if (!isEnded(job) || seen.current.has(job.id)) continue;
      seen.current.add(job.id);
      if (showsWrongPassword(job)) passwords.forget(job.udid);
    }
  }, [jobs, passwords]);
}
