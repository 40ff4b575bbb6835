import type { BackupSummary, Device } from '@rootcellar/api';
import { useBackups } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { linkToDevice, type Place } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { BackUpButton } from '../device/back-up-button.tsx';
import { BackupDetails } from './backup-details.tsx';
import { BackupTable } from './backup-table.tsx';
import { ComparePage } from './compare-page.tsx';
import { RootChartCard } from './root-chart-card.tsx';
import './backups.css';

/** Every version of a phone: what each added, and what can be done with it. */
export default function BackupsPage({ device, place }: { readonly device: Device; readonly place: Place }) {
  const { data: backups, isPending, error } = useBackups(device.udid);
  if (isPending) return <LoadingText />;
  if (error) return <FailureNote error={error} />;
  if (backups.length === 0) return <NoBackups device={device} />;
  if (place.query.has('before')) return <ComparePage device={device} backups={backups} place={place} />;
  const selected = backups.find(({ id }) => id === place.query.get('backup'));
  return (
    <div className={selected ? 'with-drawer' : 'without-drawer'}>
      <main id="main" tabIndex={-1}>
        <Head device={device} backups={backups} />
        <RootChartCard device={device} backups={backups} selected={selected?.id} />
        <BackupTable device={device} backups={backups} selected={selected?.id} />
      </main>
      {selected && <BackupDetails key={selected.id} device={device} backup={selected} />}
    </div>
  );
}

function Head({ device, backups }: { readonly device: Device; readonly backups: readonly BackupSummary[] }) {
  const { words, format } = useLanguage();
  const whole = backups.filter(({ kind }) => kind !== 'unfinished');
  const [newest, second] = whole;
  const oldest = whole.at(-1)?.takenAt;
  const bytes = backups.reduce((sum, { sizeBytes, addedBytes }) => sum + (addedBytes ?? sizeBytes), 0);
  return (
    <div className="page-head">
      <div>
        <h1>{words.backups.title}</h1>
        {oldest && (
          <p className="lead">{words.backups.lead(whole.length, format.day(oldest), format.bytes(bytes))}</p>
        )}
      </div>
      {newest && second && (
        <LinkButton to={linkToDevice(device.udid, 'backups', { before: second.id, after: newest.id })}>
          {words.backups.compareTwo}
        </LinkButton>
      )}
    </div>
  );
}

function NoBackups({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  return (
    <main id="main" tabIndex={-1} className="lone lesson">
      <svg viewBox="0 0 440 96" aria-hidden="true">
        <path d="M0 31C90 27 200 33 300 30S400 32 440 30V96H0z" fill="var(--rc-soil)" />
        <path
          d="M0 31C90 27 200 33 300 30S400 32 440 30"
          fill="none"
          stroke="var(--rc-earth-3)"
          strokeWidth="1.5"
        />
        <g fill="none" stroke="var(--rc-earth-3)" strokeWidth="1.5" strokeDasharray="3 4">
          <path d="M220 30c5 0 8 3 8 7 0 14-6 22-8 44-2-22-8-30-8-44 0-4 3-7 8-7z" />
          <path d="M220 29c-1-9-5-14-11-16 0 9 4 15 11 16zm0 0c1-11 4-16 10-20 2 10-2 17-10 20z" />
        </g>
      </svg>
      <h1>{words.backups.none}</h1>
      <p className="lead">{words.backups.noneText}</p>
      <div className="actions">
        <BackUpButton device={device} />
      </div>
    </main>
  );
}
