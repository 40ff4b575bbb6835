import { Button } from '@mantine/core';
import { useState } from 'react';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { BackUpButton } from '../device/back-up-button.tsx';
import { useShownJob } from '../device/use-shown-job.ts';
import type { StepProps } from './first-visit-page.tsx';
import { KitStep } from './kit-step.tsx';
import { StepHeading } from './step-heading.tsx';

/** 4. The first backup runs. */
export function StartStep({ device, onNext }: StepProps) {
  const { words } = useLanguage();
  const { start } = words.firstVisit;
  const { job, dismiss } = useShownJob(device.udid);
  const isRunning = job?.kind === 'backup';
  const isDone = device.lastBackup !== null && !isRunning;
  const [isKept, setKept] = useState(false);
  return (
    <div className="stack loose">
      <StepHeading
        title={device.lastBackup ? words.job.ended.backup(device.name) : start.title}
        text={isRunning ? start.running : isDone ? start.done : start.text}
      />
      {isRunning && (
        <JobCard
          job={job}
          nextStep={<BackUpButton device={device} label={words.job.again.backup} />}
          onDismiss={dismiss}
        />
      )}
      {isDone && <KitStep device={device} onKept={setKept} />}
      <div className="actions">
        {!isRunning && !device.lastBackup && <BackUpButton device={device} />}
        {(isRunning || device.lastBackup) && (
          <Button variant={isDone ? 'filled' : 'default'} disabled={isDone && !isKept} onClick={onNext}>
            {start.toDevice}
          </Button>
        )}
      </div>
    </div>
  );
}
