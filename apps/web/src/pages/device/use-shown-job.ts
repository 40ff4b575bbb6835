import type { Job } from '@rootcellar/api';
import { useState } from 'react';
import { isEnded, useJobs } from '../../hub/queries.ts';
import { isNotOpened } from '../../hub/wrong-password.ts';

const STORED_AS = 'rootcellar.dismissed';

/** An end that was not all good is news for so long. Afterwards the activity page tells it. */
const NEWS_MS = 24 * 3_600_000;

/** The job that a phone's page shows: the running one, or the last one if it ended badly and nobody put it aside. */
export function useShownJob(udid: string): { readonly job: Job | undefined; readonly dismiss: () => void } {
  const [dismissed, setDismissed] = useState(() => localStorage.getItem(STORED_AS));
  const ofPhone = useJobs().filter((job) => job.udid === udid);
  const newest = ofPhone.find((job) => !isEnded(job)) ?? ofPhone[0];
  const dismiss = () => {
    if (newest === undefined) return;
    localStorage.setItem(STORED_AS, newest.id);
    setDismissed(newest.id);
  };
  return { job: newest && isNews(newest) && newest.id !== dismissed ? newest : undefined, dismiss };
}

/** A plan that failed is told where it was asked for. */
function isNews(job: Job): boolean {
  if (!isEnded(job)) return true;
  if ((job.state === 'done' && !isNotOpened(job)) || job.kind === 'restore-plan') return false;
  return Date.now() - Date.parse(job.endedAt ?? job.createdAt) < NEWS_MS;
}
