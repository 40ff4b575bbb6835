import type { Job } from '@rootcellar/api';
import { useJobFraction } from '../hub/job-fraction.ts';
import { appName, domainName } from '../pages/browse/domain-name.ts';
import { ProgressBar } from '../parts/progress-bar.tsx';
import { useLanguage } from '../words/language.tsx';
import { CancelJob } from './cancel-job.tsx';
import { movementOf, progressText, timeLeft } from './job-numbers.ts';

/** A job that moves: how far, how fast, how long still. */
export function JobProgress({ job }: { readonly job: Job }) {
  const { words, format } = useLanguage();
  const { progress } = job;
  const fraction = useJobFraction(job);
  const title = words.job.titles[job.kind](job.deviceName);
  return (
    <div className="in stack roomy">
      <div className="big-row">
        <h2>{title}</h2>
        <p className="figure">{timeLeft(job, words.job)}</p>
      </div>
      <ProgressBar fraction={fraction} label={title} text={progressText(job, words.job, format)} />
      <dl className="stats">
        <div>
          <dt>{words.job.now}</dt>
          <dd>
            {words.job.states[job.state]}
            {progress.domain !== undefined && (
              <span className="cap two clip" title={progress.domain}>
                {appName(domainName(progress.domain))}
              </span>
            )}
          </dd>
        </div>
        <Stat
          name={words.job[movementOf(job)]}
          value={progress.bytes === undefined ? undefined : format.bytes(progress.bytes)}
        />
        <Stat
          name={words.job.files}
          value={progress.files === undefined ? undefined : format.count(progress.files)}
        />
        <Stat
          name={words.job.rate}
          value={
            progress.bytesPerSecond
              ? words.job.perSecond(format.bytes(Math.round(progress.bytesPerSecond)))
              : undefined
          }
        />
      </dl>
      <div className="row wrap apart line-above">
        <p className="two grow">
          {job.kind === 'restore'
            ? words.job.meanwhileRestore
            : job.kind === 'backup'
              ? words.job.meanwhile
              : (progress.note ?? '')}
        </p>
        <CancelJob job={job} />
      </div>
    </div>
  );
}

function Stat({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{value ?? '–'}</dd>
    </div>
  );
}
