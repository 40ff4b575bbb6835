import { lazy } from 'react';
import type { Place } from '../router/route.ts';
import { DevicePage } from './device/device-page.tsx';
import { HomePage } from './device/home-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';

const ActivityPage = lazy(() => import('./activity/activity-page.tsx'));
const SettingsPage = lazy(() => import('./settings/settings-page.tsx'));
const FirstVisitPage = lazy(() => import('./first-visit/first-visit-page.tsx'));

/** The page for a place. */
export function Page({ place }: { readonly place: Place }) {
  const [area, udid] = place.path;
  if (area === undefined) return <HomePage />;
  if (area === 'devices')
    return udid === undefined ? <HomePage isList /> : <DevicePage key={udid} udid={udid} place={place} />;
  if (area === 'activity') return <ActivityPage />;
  if (area === 'settings') return <SettingsPage />;
  if (area === 'welcome') return <FirstVisitPage udid={udid} />;
  return <NotFoundPage />;
}
