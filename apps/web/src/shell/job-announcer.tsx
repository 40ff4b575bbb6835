import type { Job } from '@rootcellar/api';
import { useEffect, useRef, useState } from 'react';
import { useJobs } from '../hub/queries.ts';
import { useLanguage } from '../words/language.tsx';

/** What was last said of a job: its state, and the tenth it was at. */
const saidOf = ({ state, progress }: Job) => `${state} ${Math.floor((progress.fraction ?? 0) * 10)}`;

/** One polite voice for all jobs: it tells changes of state and each tenth, not each byte. */
export function JobAnnouncer() {
  const { words, format } = useLanguage();
  const jobs = useJobs();
  const said = useRef(new Map<string, string>());
  const [sentence, setSentence] = useState('');
  useEffect(() => {
    const isFirst = said.current.size === 0;
    for (const job of jobs) {
      const before = said.current.get(job.id);
      const now = saidOf(job);
      if (before === now) continue;
      said.current.set(job.id, now);
      if (isFirst) continue;
      const title = words.job.titles[job.kind](job.deviceName);
      const isSameState = before?.split(' ')[0] === job.state;
      setSentence(
        isSameState
          ? words.job.announceShare(title, format.percent(job.progress.fraction ?? 0))
          : words.job.announce(title, words.job.states[job.state]),
      );
    }
  }, [jobs, words, format]);
  return (
    <p className="hidden announcer" aria-live="polite">
      {sentence}
    </p>
  );
}
