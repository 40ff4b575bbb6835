import type { LedgerEntryAnswer } from '@rootcellar/api';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { useDevices } from '../../hub/queries.ts';
import { useLanguage } from '../../words/language.tsx';

const DAYS = 14;

/** Of these only the last week is shown on a narrow screen. */
const OLD_DAYS = 7;

type CellKind = 'ok' | 'bad' | 'late' | 'no' | 'none';

const ICON_OF: Readonly<Partial<Record<CellKind, IconName>>> = { ok: 'check', bad: 'stop', late: 'clock' };

/** One row for each phone, one cell for each day: was it backed up? */
export function Fortnight({ entries }: { readonly entries: readonly LedgerEntryAnswer[] }) {
  const { words, format } = useLanguage();
  const devices = useDevices();
  const today = new Date();
  const days = Array.from(
    { length: DAYS },
    (_, at) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - (DAYS - 1 - at)),
  );
  const names = new Map(devices.map(({ udid, name }) => [udid, name]));
  for (const { udid, deviceName } of entries)
    if (udid !== null && !names.has(udid)) names.set(udid, deviceName);
  if (names.size === 0) return null;
  const { legend } = words.activity;
  return (
    <section className="card in" aria-labelledby="fortnight-title">
      <div className="card-head">
        <h2 className="h3" id="fortnight-title">
          {words.activity.fortnight}
        </h2>
        <ul className="legend end">
          <li style={{ '--c': 'var(--rc-safe-fill)' } as React.CSSProperties}>{legend.ok}</li>
          <li style={{ '--c': 'var(--rc-danger-fill)' } as React.CSSProperties}>{legend.bad}</li>
          <li style={{ '--c': 'var(--rc-wait-fill)' } as React.CSSProperties}>{legend.late}</li>
          <li className="did">{legend.no}</li>
        </ul>
      </div>
      <div className="fortnight">
        <b />
        {days.map((day, at) => (
          <span key={day.getTime()} className={at < OLD_DAYS ? 'old' : undefined} aria-hidden="true">
            {day.getDate()}
          </span>
        ))}
        {[...names].map(([udid, name]) => (
          <FortnightRow
            key={udid}
            name={name}
            days={days}
            entries={entries.filter((entry) => entry.udid === udid)}
            dayText={format.day}
          />
        ))}
      </div>
    </section>
  );
}

function FortnightRow({
  name,
  days,
  entries,
  dayText,
}: {
  readonly name: string;
  readonly days: readonly Date[];
  readonly entries: readonly LedgerEntryAnswer[];
  readonly dayText: (day: Date) => string;
}) {
  const { words } = useLanguage();
  return (
    <>
      <b title={name}>{name}</b>
      {days.map((day, at) => {
        const kind = cellOf(entries, day);
        const icon = ICON_OF[kind];
        const label = words.activity.cell(name, dayText(day), words.activity.legend[kind]);
        return (
          <span
            key={day.getTime()}
            className={`cell ${kind}${at < OLD_DAYS ? ' old' : ''}`}
            role="img"
            aria-label={label}
            title={label}
          >
            {icon && <Icon name={icon} small />}
          </span>
        );
      })}
    </>
  );
}

/** The best that happened that day counts. */
function cellOf(entries: readonly LedgerEntryAnswer[], day: Date): CellKind {
  const outcomes = entries
    .filter(
      ({ operation, at }) => operation === 'backup' && new Date(at).toDateString() === day.toDateString(),
    )
    .map(({ outcome }) => outcome);
  if (outcomes.includes('done')) return 'ok';
  if (outcomes.includes('failed')) return 'bad';
  if (outcomes.includes('cancelled') || outcomes.includes('interrupted')) return 'late';
  return outcomes.includes('did-not-happen') ? 'no' : 'none';
}
