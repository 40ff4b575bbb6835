import { Button, CopyButton } from '@mantine/core';
import type { Job } from '@rootcellar/api';
import type { ReactNode } from 'react';
import { Icon } from '../drawing/icon.tsx';
import { FourFacts } from '../parts/four-facts.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { linkTo } from '../router/route.ts';
import type { Catalogue } from '../words/catalogue.ts';
import { useLanguage } from '../words/language.tsx';
import { type Told, toldIn } from '../words/told-error.ts';

/** A job that did not reach its end: the four facts, and the one sensible next step. */
export function JobEndedBadly({
  job,
  nextStep,
  onDismiss,
}: {
  readonly job: Job;
  readonly nextStep?: ReactNode;
  readonly onDismiss: () => void;
}) {
  const { words, language } = useLanguage();
  const facts = toldIn(language, factsOf(job, words.job));
  return (
    <div className="in stack roomy" role="alert">
      <div className="row">
        <Icon name="stop" tone={job.state === 'failed' ? 'danger-c' : 'two'} />
        <h2>{words.job.failed[job.kind](job.deviceName)}</h2>
      </div>
      <FourFacts failure={facts} />
      <div className="actions">
        {nextStep}
        <LinkButton to={linkTo(['activity'])}>{words.job.showInActivity}</LinkButton>
        <CopyButton value={`${facts.code}\n${facts.happened}\n${facts.yourData}\n${facts.next}`}>
          {({ copied, copy }) => (
            <Button variant="subtle" onClick={copy}>
              {copied ? words.shell.copied : words.shell.copyDetails}
            </Button>
          )}
        </CopyButton>
        <Button variant="subtle" onClick={onDismiss}>
          {words.job.dismiss}
        </Button>
      </div>
    </div>
  );
}

/** A job that was stopped or lost has no error; its facts are ours to tell. */
export function factsOf(job: Job, words: Catalogue['job']): Told {
  if (job.error !== null) return job.error;
  const wasStopped = job.state === 'cancelled';
  return {
    code: `job.${job.state}`,
    happened: wasStopped ? words.cancelledHappened : words.interruptedHappened,
    yourData: job.yourData ?? '–',
    next: wasStopped ? words.cancelledNext : words.interruptedNext,
    dataState: 'earlier-snapshots-intact',
  };
}
