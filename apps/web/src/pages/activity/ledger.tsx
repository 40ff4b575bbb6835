import type { Job, LedgerEntryAnswer } from '@rootcellar/api';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import type { Language } from '../../words/languages.ts';
import { toldIn } from '../../words/told-error.ts';

type Outcome = LedgerEntryAnswer['outcome'];

const LOOK: Readonly<Record<Outcome, readonly [string, IconName]>> = {
  done: ['safe', 'check'],
  failed: ['danger', 'stop'],
  cancelled: ['', 'x'],
  interrupted: ['wait', 'clock'],
  'did-not-happen': ['no', 'x'],
};

/** By day, the newest first. What did not happen is listed as carefully as what did. */
export function Ledger({
  running,
  entries,
}: {
  readonly running: readonly Job[];
  readonly entries: readonly LedgerEntryAnswer[];
}) {
  const { words } = useLanguage();
  const days = Map.groupBy(entries, ({ at }) => new Date(at).toDateString());
  return (
    <section className="card ledger">
      {running.length > 0 && (
        <>
          <h2 className="h3">{words.activity.running}</h2>
          <ul>
            {running.map((job) => (
              <RunningLine key={job.id} job={job} />
            ))}
          </ul>
        </>
      )}
      {[...days].map(([day, ofDay]) => (
        <div key={day}>
          <h2 className="h3">
            <DayName day={new Date(day)} />
          </h2>
          <ul>
            {ofDay.map((entry) => (
              <EntryLine key={entry.id} entry={entry} />
            ))}
          </ul>
        </div>
      ))}
      {entries.length === 0 && running.length === 0 && <p className="in two">{words.activity.nothingFits}</p>}
    </section>
  );
}

function DayName({ day }: { readonly day: Date }) {
  const { words, format } = useLanguage();
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return words.activity.today;
  if (day.toDateString() === yesterday.toDateString())
    return `${words.activity.yesterday}, ${format.day(day)}`;
  return format.day(day);
}

function RunningLine({ job }: { readonly job: Job }) {
  const { words, format } = useLanguage();
  return (
    <li>
      <time dateTime={job.createdAt}>{format.clock(job.createdAt)}</time>
      <span className="dot moving">
        <Icon name="clock" />
      </span>
      <div>
        <p>
          <b>{words.job.titles[job.kind](job.deviceName)}</b>
        </p>
        <p className="two">{words.job.states[job.state]}</p>
      </div>
      <span className="end">
        <a href={linkToDevice(job.udid)}>{words.activity.show}</a>
      </span>
    </li>
  );
}

function EntryLine({ entry }: { readonly entry: LedgerEntryAnswer }) {
  const { words, format, language } = useLanguage();
  const [tone, icon] = LOOK[entry.outcome];
  const operation = words.activity.operations[entry.operation] ?? entry.operation;
  const seconds = entry.startedAt ? (Date.parse(entry.at) - Date.parse(entry.startedAt)) / 1000 : undefined;
  const numbers = [
    entry.files !== null &&
      entry.bytes !== null &&
      words.activity.files(format.count(entry.files), format.bytes(entry.bytes)),
    seconds !== undefined && words.activity.in(format.duration(seconds)),
    words.activity.by[entry.by],
  ].filter(Boolean);
  return (
    <li>
      <time dateTime={entry.at}>{format.clock(entry.at)}</time>
      <span className={`dot ${tone}`}>
        <Icon name={icon} />
      </span>
      <div>
        <p>
          <b>{words.activity.outcomes[entry.outcome](operation, entry.deviceName)}</b>
        </p>
        {entry.outcome === 'done' ? (
          <p className="two num">{numbers.join(', ')}</p>
        ) : (
          <p className="two">{whatWasTold(entry, language)}</p>
        )}
      </div>
      <span className="end">
        {entry.outcome === 'done' && entry.udid !== null ? (
          <a href={linkToDevice(entry.udid, entry.operation === 'backup' ? 'backups' : 'summary')}>
            {words.activity.show}
          </a>
        ) : (
          entry.reason && <span className="tag mono">{entry.reason}</span>
        )}
      </span>
    </li>
  );
}

/** A line of the ledger keeps no details of an error, so that what stands in braces stays open. */
function whatWasTold({ reason, happened, yourData, next }: LedgerEntryAnswer, language: Language): string {
  const written = { happened: happened ?? '', yourData: yourData ?? '', next: next ?? '' };
  const told = toldIn(language, { code: reason ?? '', dataState: 'unchanged', ...written });
  return [happened && told.happened, told.yourData, next && told.next].filter(Boolean).join(' ');
}
