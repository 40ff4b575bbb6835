import { Button, SegmentedControl } from '@mantine/core';
import { api, type LedgerEntryAnswer } from '@rootcellar/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../hub/call.ts';
import { isEnded, useDevices, useJobs } from '../../hub/queries.ts';
import { useNow } from '../../hub/use-now.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { Note } from '../../parts/note.tsx';
import { useLanguage } from '../../words/language.tsx';
import { Fortnight } from './fortnight.tsx';
import { Ledger } from './ledger.tsx';
import { saveLog } from './redacted-log.ts';
import './activity.css';

const FILTERS = ['all', 'did-not-run', 'failed'] as const;
type Filter = (typeof FILTERS)[number];

/** Each run that happened, and each that did not, with the reason. */
export default function ActivityPage() {
  const { words } = useLanguage();
  const [filter, setFilter] = useState<Filter>('all');
  const ledger = useInfiniteQuery({
    queryKey: ['ledger'],
    queryFn: ({ pageParam }) =>
      call(api.ledger.readLedger, { query: { limit: 100, ...(pageParam !== null && { after: pageParam }) } }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const running = useJobs().filter((job) => !isEnded(job));
  if (ledger.error) return <FailureNote error={ledger.error} />;
  if (ledger.isPending) return <LoadingText />;
  const entries = ledger.data.pages.flatMap(({ entries: page }) => page);
  const names = {
    all: words.activity.all,
    'did-not-run': words.activity.didNotRun,
    failed: words.activity.failed,
  };
  return (
    <main id="main" tabIndex={-1}>
      <div className="page-head">
        <div>
          <h1>{words.activity.title}</h1>
          <p className="lead">{words.activity.lead}</p>
        </div>
        {entries.length > 0 && (
          <SegmentedControl
            aria-label={words.activity.filter}
            value={filter}
            onChange={(value) => setFilter(FILTERS.find((known) => known === value) ?? 'all')}
            data={FILTERS.map((value) => ({ value, label: names[value] }))}
          />
        )}
      </div>
      <OverdueNote />
      {entries.length === 0 && running.length === 0 ? (
        <section className="card in stack">
          <h2>{words.activity.nothing}</h2>
          <p className="two">{words.activity.nothingText}</p>
        </section>
      ) : (
        <>
          <Fortnight entries={entries} />
          <Ledger
            running={filter === 'all' ? running : []}
            entries={entries.filter((entry) => fits(entry, filter))}
          />
          <div className="actions">
            {ledger.hasNextPage && (
              <Button loading={ledger.isFetchingNextPage} onClick={() => ledger.fetchNextPage()}>
                {words.activity.more}
              </Button>
            )}
            <Button variant="subtle" onClick={() => saveLog(entries)}>
              {words.activity.saveLog}
            </Button>
            <span className="cap two">{words.activity.saveLogHint}</span>
          </div>
        </>
      )}
    </main>
  );
}

function OverdueNote() {
  const { words, format } = useLanguage();
  const now = useNow();
  const overdue = useDevices().find(({ isOverdue, lastBackup }) => isOverdue && lastBackup !== null);
  if (overdue === undefined) return null;
  const last = overdue.lastBackup?.takenAt;
  return (
    <Note tone="wait" title={`${overdue.name}: ${words.shell.overdue}`}>
      {last ? words.restore.safetyMade(format.age(last, now)) : words.device.noneYetText}
    </Note>
  );
}

function fits({ outcome }: LedgerEntryAnswer, filter: Filter): boolean {
  if (filter === 'did-not-run') return outcome === 'did-not-happen';
  return filter === 'all' || outcome === 'failed' || outcome === 'interrupted';
}
