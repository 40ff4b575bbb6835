import type { BackupSummary, Device } from '@rootcellar/api';
import { rootChart } from '../../drawing/root-chart-shapes.ts';
import { Roots } from '../../drawing/roots.tsx';
import { Seal, type SealState } from '../../drawing/seal.tsx';
import { useBackups } from '../../hub/queries.ts';
import { useNow } from '../../hub/use-now.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { protectionOf } from '../../parts/protection.ts';
import { VerdictTag } from '../../parts/verdict-tag.tsx';
import { linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { useTaken } from '../backups/one-backup.ts';
import { BackUpButton } from './back-up-button.tsx';

const FORTNIGHT = 14;
const ROOM = { width: 440, margin: 16, shortest: 14, longest: 38 };
const GROUND = 30;

/** The worried question first: how old is the last good backup, and is it proved? */
export function LastGoodBackup({
  device,
  hasPrimary,
}: {
  readonly device: Device;
  readonly hasPrimary: boolean;
}) {
  const { words, format } = useLanguage();
  const now = useNow();
  const last = device.lastBackup;
  const isOverdue = device.isOverdue && last !== null;
  const { data: backups = [] } = useBackups(device.udid);
  const isUnproved = last !== null && !last.verified;
  const title = isOverdue
    ? words.device.overdueTitle
    : isUnproved
      ? words.device.stored
      : words.device.lastGood;
  return (
    <div className="good">
      <div className={`seal${isOverdue ? ' overdue' : ''}`}>
        <Seal state={sealOf(device)} />
        <div>
          <h2 className="seal-title">{title}</h2>
          <p className="when">
            {last?.takenAt
              ? format.age(last.takenAt, now)
              : backups.length > 0
                ? words.device.noneWhole
                : words.device.noneYet}
          </p>
        </div>
      </div>
      {isOverdue && <p className="wait-c">{words.device.overdueText(device.settings.overdueAfterDays)}</p>}
      {last === null ? (
        <p className="two">{backups.length > 0 ? words.device.noneWholeText : words.device.noneYetText}</p>
      ) : (
        <LastFacts last={last} device={device} />
      )}
      {last !== null && <Fortnight device={device} />}
      <div className="actions">
        {hasPrimary && <BackUpButton device={device} />}
        {last !== null && (
          <LinkButton to={linkToDevice(device.udid, 'restore')}>{words.device.restoreBackup}</LinkButton>
        )}
      </div>
    </div>
  );
}

function LastFacts({ last, device }: { readonly last: BackupSummary; readonly device: Device }) {
  const { words, format } = useLanguage();
  const taken = useTaken(last);
  const { data: backups = [] } = useBackups(device.udid);
  const kept = backups.filter(({ kind }) => kind !== 'unfinished').length;
  const size = format.bytes(last.sizeBytes);
  return (
    <Facts>
      <Fact name={words.device.taken}>{taken}</Fact>
      <Fact name={words.device.size}>
        <span className="num">
          {last.addedBytes === null ? size : words.device.sizeAdded(size, format.bytes(last.addedBytes))}
        </span>
      </Fact>
      <Fact name={words.device.verified}>
        <WhatWasChecked last={last} />
      </Fact>
      <Fact name={words.device.encrypted}>{words.kept.locks[protectionOf(last)]}</Fact>
      <Fact name={words.device.kept}>
        <a href={linkToDevice(device.udid, 'backups')}>{words.device.keptCount(kept)}</a>
      </Fact>
    </Facts>
  );
}

/** Only what was done: a structure that was looked at, or bytes that were read. */
function WhatWasChecked({ last }: { readonly last: BackupSummary }) {
  const { words, format } = useLanguage();
  const now = useNow();
  if (last.verified && last.verifiedAt)
    return <b className="safe-c">{words.device.allWhole(format.moment(last.verifiedAt, now))}</b>;
  return last.verdict === null ? words.device.checkedWhenStored : <VerdictTag backup={last} />;
}

function Fortnight({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  const { data: backups = [] } = useBackups(device.udid);
  const shape = rootChart(
    backups.filter(({ kind }) => kind !== 'unfinished'),
    new Date(),
    FORTNIGHT,
    ROOM,
  );
  return (
    <a className="mini" href={linkToDevice(device.udid, 'backups')}>
      <svg viewBox="0 0 440 72" aria-hidden="true">
        <path d="M0 31C90 27 200 33 300 30S400 32 440 30V72H0z" fill="var(--rc-soil)" />
        <path
          d="M0 31C90 27 200 33 300 30S400 32 440 30"
          fill="none"
          stroke="var(--rc-earth-3)"
          strokeWidth="1.5"
        />
        <Roots shape={shape} ground={GROUND} />
      </svg>
      <span className="cap two">{words.device.inFortnight(shape.roots.length)}</span>
    </a>
  );
}

function sealOf({ isOverdue, lastBackup }: Device): SealState {
  if (lastBackup === null) return 'none';
  if (isOverdue) return 'overdue';
  return lastBackup.verified ? 'proved' : 'stored';
}
