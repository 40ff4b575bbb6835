import { lazy, Suspense, useState } from 'react';
import { Icon } from '../drawing/icon.tsx';
import { useForgetWrongPasswords } from '../hub/wrong-password.ts';
import { Page } from '../pages/page.tsx';
import { LoadingText } from '../parts/loading-text.tsx';
import { useArrival } from '../router/arrive.ts';
import { usePlace } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';
import { HubLost } from './hub-lost.tsx';
import { JobAnnouncer } from './job-announcer.tsx';
import { JobBar } from './job-bar.tsx';
import { Sidebar, TabBar } from './places.tsx';

const SimulatorPanel = lazy(() => import('../simulator/simulator-panel.tsx'));

const PANEL_STORED_AS = 'rootcellar.simulator';

/** What stays while pages change: places, the bar of running jobs, the simulated phone. */
export function Shell({
  hasSimulator,
  lostAt,
}: {
  readonly hasSimulator: boolean;
  /** Since when the hub has not answered. */
  readonly lostAt: Date | undefined;
}) {
  const { words } = useLanguage();
  const place = usePlace();
  useForgetWrongPasswords();
  useArrival();
  const [isPanelOpen, setPanelOpen] = useState(startsOpen);
  const [calls, setCalls] = useState(0);
  const openPanel = (isOpen: boolean) => {
    localStorage.setItem(PANEL_STORED_AS, isOpen ? 'open' : 'closed');
    setPanelOpen(isOpen);
    if (!isOpen) setCalls(0);
  };
  const callPanel = () => {
    openPanel(true);
    setCalls(calls + 1);
  };
  const isWelcome = place.path[0] === 'welcome';
  const showsPanel = hasSimulator && isPanelOpen;
  return (
    <>
      <button type="button" className="skip" onClick={focusMain}>
        {words.shell.skip}
      </button>
      <div className={`app${isWelcome ? ' alone' : ''}${showsPanel ? ' with-panel' : ''}`}>
        {!isWelcome && <Sidebar />}
        <div className="page">
          <Suspense fallback={<LoadingText />}>
            <Page place={place} />
          </Suspense>
          {lostAt ? <HubLost since={lostAt} /> : <JobBar />}
        </div>
        {showsPanel && (
          <Suspense fallback={<LoadingText />}>
            <SimulatorPanel calls={calls} onClose={() => openPanel(false)} />
          </Suspense>
        )}
      </div>
      {hasSimulator && !isPanelOpen && (
        <button type="button" className="panel-opener" onClick={() => openPanel(true)}>
          <Icon name="phone" small /> {words.shell.showPhone}
        </button>
      )}
      {!isWelcome && <TabBar onShowPhone={hasSimulator ? callPanel : undefined} />}
      <JobAnnouncer />
    </>
  );
}

/** Beside the page where there is room for it; elsewhere once somebody wants it. */
function startsOpen(): boolean {
  const stored = localStorage.getItem(PANEL_STORED_AS);
  return stored === null ? matchMedia('(min-width: 80em)').matches : stored === 'open';
}

/** A link would change the address after `#`, which is the place. */
function focusMain(): void {
  const main = document.getElementById('main');
  main?.focus();
  main?.scrollIntoView();
}
