import type { BackupSummary, Device, Job } from '@rootcellar/api';
import { useState } from 'react';
import { isEnded, useBackups, useJobs, useOtherBackups } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { verdictOf } from '../../parts/verdict-tag.tsx';
import { linkToDevice, type Place } from '../../router/route.ts';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { BackUpButton } from '../device/back-up-button.tsx';
import { RestoreWizard } from './restore-wizard.tsx';
import './restore.css';

/** From a backup to the phone: chosen, planned, kept safe, confirmed, done. */
export default function RestorePage({ device, place }: { readonly device: Device; readonly place: Place }) {
  const { words } = useLanguage();
  const { data: backups, isPending, error } = useBackups(device.udid);
  const others = useOtherBackups(device.udid).filter(isRestorable);
  const restore = useJobs().find(({ udid, kind }) => udid === device.udid && kind === 'restore');
  const [seen, setSeen] = useState<string | undefined>(() =>
    restore && isEnded(restore) ? restore.id : undefined,
  );
  if (isPending) return <LoadingText />;
  if (error) return <FailureNote error={error} />;
  const whole = backups.filter(isRestorable);
  if (restore !== undefined && restore.id !== seen) {
    return <RestoreJob device={device} job={restore} onSeen={() => setSeen(restore.id)} />;
  }
  if (whole.length + others.length === 0) {
    return (
      <main id="main" tabIndex={-1} className="lone lesson">
        <h1>{words.restore.none}</h1>
        <p className="lead">{words.restore.noneText}</p>
        <div className="actions">
          <BackUpButton device={device} />
        </div>
      </main>
    );
  }
  return <RestoreWizard device={device} backups={whole} others={others} wanted={place.query.get('backup')} />;
}

/** What is left of a failed backup can be looked into; no iPhone takes it. */
function isRestorable(backup: BackupSummary): boolean {
  return verdictOf(backup) !== 'incomplete';
}

function RestoreJob({
  device,
  job,
  onSeen,
}: {
  readonly device: Device;
  readonly job: Job;
  readonly onSeen: () => void;
}) {
  const { words, format } = useLanguage();
  const { result } = job;
  const isDone = job.state === 'done';
  return (
    <main id="main" tabIndex={-1}>
      <div>
        <h1>{isDone ? words.restore.doneTitle(device.name) : words.restore.title(device.name)}</h1>
        {isDone && result?.kind === 'restore' && (
          <p className="lead" role="status">
            {words.restore.doneText(format.count(result.files), format.bytes(result.bytes))}
          </p>
        )}
      </div>
      {isDone ? (
        <div className="actions">
          <LinkButton variant="filled" to={linkToDevice(device.udid)}>
            {words.restore.toSummary}
          </LinkButton>
        </div>
      ) : (
        <JobCard job={job} onDismiss={onSeen} />
      )}
    </main>
  );
}
