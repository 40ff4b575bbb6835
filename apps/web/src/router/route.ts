import { useSyncExternalStore } from 'react';

/*
 * Where one is in the app stands after the `#` of the address: it works without rules on the server, and the names of
 * phones and backups never reach its logs.
 */

export interface Place {
  /** "#/devices/U/backups" → ["devices", "U", "backups"] */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export const DEVICE_TABS = ['summary', 'backups', 'browse', 'restore', 'options'] as const;
export type DeviceTab = (typeof DEVICE_TABS)[number];

/** Reads the part of an address after the `#`. Anything gives a place. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

/** The address of a place: for links. */
export function linkTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${path.map(encodeURIComponent).join('/')}${search}`;
}

export function linkToDevice(
  udid: string,
  tab: DeviceTab = 'summary',
  query: Record<string, string | undefined> = {},
) {
  return linkTo(tab === 'summary' ? ['devices', udid] : ['devices', udid, tab], query);
}

export function goTo(link: string): void {
  location.hash = link.slice(1);
}

/** The place one is at; renders again when that changes. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return placeOf(hash);
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
