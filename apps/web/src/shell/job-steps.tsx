import type { Job } from '@rootcellar/api';
import { isEnded } from '../hub/queries.ts';
import { useLanguage } from '../words/language.tsx';
import { railOf } from './job-rail.ts';

/** One rail for all states of a job. */
export function JobSteps({ job }: { readonly job: Job }) {
  const { words } = useLanguage();
  const { steps, current } = railOf(job);
  const hasStopped = isEnded(job) && job.state !== 'done';
  const tone = hasStopped ? 'stop' : job.progress.prompt ? 'wait' : '';
  return (
    <ol className="rail" aria-label={words.job.railLabel}>
      {steps.map((step, at) => (
        <li
          key={step}
          className={at === current ? tone : at < current ? 'done' : ''}
          aria-current={at === current ? 'step' : undefined}
        >
          {hasStopped && at === current ? words.job.stoppedAt(words.job.rail[step]) : words.job.rail[step]}
        </li>
      ))}
    </ol>
  );
}
