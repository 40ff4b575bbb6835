import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { queries } from '../../hub/queries.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LoadingText } from '../../parts/loading-text.tsx';
import { DEVICE_TABS, type DeviceTab, type Place } from '../../router/route.ts';
import { DeviceBar } from '../../shell/device-bar.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { SummaryPage } from './summary-page.tsx';
import './device.css';

const BackupsPage = lazy(() => import('../backups/backups-page.tsx'));
const BrowsePage = lazy(() => import('../browse/browse-page.tsx'));
const RestorePage = lazy(() => import('../restore/restore-page.tsx'));
const OptionsPage = lazy(() => import('./options-page.tsx'));

/** One phone: its bar, and one of its pages. */
export function DevicePage({ udid, place }: { readonly udid: string; readonly place: Place }) {
  const { data: devices, isPending, error } = useQuery(queries.devices);
  const tab = tabOf(place.path[2]);
  if (isPending) return <LoadingText />;
  if (error) return <FailureNote error={error} />;
  const device = devices.find((other) => other.udid === udid);
  if (device === undefined || tab === undefined) return <NotFoundPage />;
  const pages: Readonly<Record<DeviceTab, () => React.ReactNode>> = {
    summary: () => <SummaryPage device={device} />,
    backups: () => <BackupsPage device={device} place={place} />,
    browse: () => <BrowsePage device={device} place={place} />,
    restore: () => <RestorePage device={device} place={place} />,
    options: () => <OptionsPage device={device} />,
  };
  return (
    <>
      <DeviceBar device={device} tab={tab} />
      <Suspense fallback={<LoadingText />}>{pages[tab]()}</Suspense>
    </>
  );
}

function tabOf(name: string | undefined): DeviceTab | undefined {
  return name === undefined ? 'summary' : DEVICE_TABS.find((tab) => tab === name);
}
