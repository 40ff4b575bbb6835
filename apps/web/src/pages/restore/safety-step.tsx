import { Button } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useState } from 'react';
import { Seal } from '../../drawing/seal.tsx';
import { isEnded, useJobs } from '../../hub/queries.ts';
import { useNow } from '../../hub/use-now.ts';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { BackUpButton } from '../device/back-up-button.tsx';

/** 3. What is on the phone now can be kept, before it is replaced. */
export function SafetyStep({
  device,
  onBack,
  onNext,
}: {
  readonly device: Device;
  readonly onBack: () => void;
  readonly onNext: () => void;
}) {
  const { words, format } = useLanguage();
  const now = useNow();
  const [startedAt, setStartedAt] = useState<number>();
  const jobs = useJobs();
  const job =
    startedAt === undefined
      ? undefined
      : jobs.find(
          ({ udid, kind, createdAt }) =>
            udid === device.udid && kind === 'backup' && Date.parse(createdAt) >= startedAt,
        );
  const isMade = job?.state === 'done';
  if (device.isSetUp === false && job === undefined) {
    return (
      <>
        <section className="card in row wrap safety">
          <Seal state="stored" />
          <div className="grow stack near">
            <h2>{words.restore.nothingToKeep}</h2>
            <p className="two">{words.restore.nothingToKeepText}</p>
          </div>
        </section>
        <Foot onBack={onBack} onNext={onNext} text={words.restore.goOn} isPrimary />
      </>
    );
  }
  if (job !== undefined && !isMade) {
    return (
      <>
        <JobCard
          job={job}
          nextStep={
            <BackUpButton
              device={device}
              label={words.job.again.backup}
              onStarted={() => setStartedAt(Date.now() - 1000)}
            />
          }
          onDismiss={() => setStartedAt(undefined)}
        />
        {isEnded(job) && <Foot onBack={onBack} onNext={onNext} text={words.restore.skipSafety} />}
      </>
    );
  }
  const last = device.lastBackup?.takenAt;
  return (
    <>
      <section className="card in row wrap safety">
        <Seal state={isMade ? 'proved' : 'stored'} />
        <div className="grow stack near">
          <h2>{words.restore.safetyTitle}</h2>
          <p className="two">{isMade ? words.restore.safetyDone : words.restore.safetyText}</p>
          {!isMade && (
            <p>{last ? words.restore.safetyMade(format.age(last, now)) : words.restore.safetyNever}</p>
          )}
          {!isMade && (
            <div className="actions">
              <BackUpButton
                device={device}
                label={words.restore.makeSafety}
                onStarted={() => setStartedAt(Date.now() - 1000)}
              />
            </div>
          )}
        </div>
      </section>
      <Foot
        onBack={onBack}
        onNext={onNext}
        text={isMade ? words.restore.goOn : words.restore.skipSafety}
        isPrimary={isMade}
      />
    </>
  );
}

function Foot({
  onBack,
  onNext,
  text,
  isPrimary,
}: {
  readonly onBack: () => void;
  readonly onNext: () => void;
  readonly text: string;
  readonly isPrimary?: boolean;
}) {
  const { words } = useLanguage();
  return (
    <div className="foot">
      <Button onClick={onBack}>{words.shell.back}</Button>
      <span className="grow" />
      <Button variant={isPrimary ? 'filled' : 'default'} onClick={onNext}>
        {text}
      </Button>
    </div>
  );
}
