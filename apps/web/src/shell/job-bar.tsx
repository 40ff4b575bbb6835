import type { Job } from '@rootcellar/api';
import { Icon } from '../drawing/icon.tsx';
import { useJobFraction } from '../hub/job-fraction.ts';
import { isEnded, useJobs } from '../hub/queries.ts';
import { ProgressBar } from '../parts/progress-bar.tsx';
import { linkToDevice, usePlace } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';
import { CancelJob } from './cancel-job.tsx';
import { progressText, timeLeft } from './job-numbers.ts';

/** Running jobs, at the bottom of every page. The phone's own page has the whole card instead. */
export function JobBar() {
  const { words } = useLanguage();
  const { path } = usePlace();
  const hasCard = (job: Job) =>
    path[1] === job.udid && (path[0] === 'welcome' || path[2] === undefined || path[2] === 'restore');
  const running = useJobs().filter((job) => !isEnded(job) && !hasCard(job));
  if (running.length === 0) return null;
  return (
    <section className="job-bar" aria-label={words.job.running}>
      {running.map((job) => (
        <JobLine key={job.id} job={job} />
      ))}
    </section>
  );
}

function JobLine({ job }: { readonly job: Job }) {
  const { words, format } = useLanguage();
  const { prompt, bytes, files, bytesPerSecond } = job.progress;
  const fraction = useJobFraction(job);
  const title = words.job.titles[job.kind](job.deviceName);
  if (prompt) {
    return (
      <div className="job-line wait">
        <Icon name={prompt === 'passcode' ? 'lock' : 'phone'} tone="wait-c" />
        <p className="grow" role="status">
          <b>{words.job[prompt].title(job.deviceName)}</b>
        </p>
        <a href={linkToDevice(job.udid)}>{words.job.show}</a>
        <CancelJob job={job} isSmall />
      </div>
    );
  }
  const numbers = [
    words.job.states[job.state],
    bytes ? format.bytes(bytes) : undefined,
    files ? words.job.countedFiles(format.count(files)) : undefined,
    bytesPerSecond ? words.job.perSecond(format.bytes(Math.round(bytesPerSecond))) : undefined,
  ].filter(Boolean);
  return (
    <div className="job-line">
      <div className="grow stack tight">
        <p className="row apart">
          <a href={linkToDevice(job.udid)} className="clip">
            <b>{title}</b>
          </a>
          <span className="num nowrap">
            {job.progress.secondsLeft === undefined ? '' : timeLeft(job, words.job)}
          </span>
        </p>
        <ProgressBar fraction={fraction} label={title} text={progressText(job, words.job, format)} />
        <p className="cap two num clip">{numbers.join(' · ')}</p>
      </div>
      <CancelJob job={job} isSmall />
    </div>
  );
}
