import type { Job } from '@rootcellar/api';
import type { ReactNode } from 'react';
import { isEnded } from '../hub/queries.ts';
import { isNotOpened } from '../hub/wrong-password.ts';
import { useLanguage } from '../words/language.tsx';
import { JobEndedBadly } from './job-ended.tsx';
import { JobNotOpened } from './job-not-opened.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobPrompt } from './job-prompt.tsx';
import { JobSteps } from './job-steps.tsx';

/** All there is to say about a job: where it is, and whatever it needs. */
export function JobCard({
  job,
  nextStep,
  onDismiss,
}: {
  readonly job: Job;
  /** After a bad end: the one button to press. */
  readonly nextStep?: ReactNode;
  readonly onDismiss: () => void;
}) {
  const { words } = useLanguage();
  const { prompt } = job.progress;
  return (
    <section className="card job" aria-label={words.job.titles[job.kind](job.deviceName)}>
      <JobSteps job={job} />
      {isNotOpened(job) ? (
        <JobNotOpened job={job} onDismiss={onDismiss} />
      ) : isEnded(job) ? (
        <JobEndedBadly job={job} nextStep={nextStep} onDismiss={onDismiss} />
      ) : prompt ? (
        <JobPrompt job={job} prompt={prompt} />
      ) : (
        <JobProgress job={job} />
      )}
    </section>
  );
}
