import type { Device } from '@rootcellar/api';
import { Seal } from '../../drawing/seal.tsx';
import { useNow } from '../../hub/use-now.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { VerdictTag } from '../../parts/verdict-tag.tsx';
import { linkToDevice } from '../../router/route.ts';
import { JobCard } from '../../shell/job-card.tsx';
import { useLanguage } from '../../words/language.tsx';
import { DamagedNewest, useDamagedNewest } from '../backups/damaged-backup.tsx';
import { BackUpButton } from './back-up-button.tsx';
import { BackupsCard } from './backups-card.tsx';
import { CapacityBar } from './capacity-bar.tsx';
import { DeviceHead } from './device-head.tsx';
import { TrustGuidance } from './trust-guidance.tsx';
import { useShownJob } from './use-shown-job.ts';

/** What iTunes showed first: the phone, its backups, its storage. */
export function SummaryPage({ device }: { readonly device: Device }) {
  const { job, dismiss } = useShownJob(device.udid);
  const damaged = useDamagedNewest(device.udid);
  const nextStep = job?.kind === 'backup' && <NextBackup device={device} code={job.error?.code} />;
  return (
    <>
      <main id="main" tabIndex={-1}>
        <DeviceHead device={device} />
        {job === undefined ? (
          <>
            <TrustGuidance device={device} />
            {damaged && <DamagedNewest device={device} backup={damaged} />}
          </>
        ) : (
          <JobCard job={job} nextStep={nextStep} onDismiss={dismiss} />
        )}
        {job !== undefined && job.endedAt === null ? (
          <LastGoodLine device={device} />
        ) : (
          <BackupsCard device={device} hasPrimary={job?.kind !== 'backup' && !damaged} />
        )}
      </main>
      <CapacityBar device={device} />
    </>
  );
}

/** After a backup that ended badly: go on with it, or, where nothing can be built on what is here, begin anew. */
function NextBackup({ device, code }: { readonly device: Device; readonly code: string | undefined }) {
  const { words } = useLanguage();
  const isFull = code === NEEDS_EVERYTHING;
  const label = isFull ? words.job.again.everything : words.job.again.backup;
  return <BackUpButton key={label} device={device} label={label} isFull={isFull} />;
}

/** Running it again ends there again. */
const NEEDS_EVERYTHING = 'operation.stored-part-damaged';

/** While a job runs the earlier backup is one line: it is safe. */
function LastGoodLine({ device }: { readonly device: Device }) {
  const { words, format } = useLanguage();
  const now = useNow();
  const { lastBackup } = device;
  if (lastBackup?.takenAt == null) return null;
  return (
    <section className="card">
      <div className="in row wrap">
        <Seal state={lastBackup.verified ? 'proved' : 'stored'} />
        <div className="grow">
          <p className="cap two">{words.job.untouched}</p>
          <p className="row wrap">
            <b>{format.moment(lastBackup.takenAt, now)}</b> · {format.bytes(lastBackup.sizeBytes)}{' '}
            <VerdictTag backup={lastBackup} />
          </p>
        </div>
        <LinkButton to={linkToDevice(device.udid, 'backups')}>{words.job.allBackups}</LinkButton>
      </div>
    </section>
  );
}
