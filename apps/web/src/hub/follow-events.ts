import { type HubEvent, hubEvent, type Job } from '@rootcellar/api';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { openEventLine } from './event-line.ts';
import { queries } from './queries.ts';

/** Jobs that we keep in mind. */
const JOBS_MAX = 60;

/** So long the hub may be away before anybody needs to know: a proxy that closes, a hub that restarts. */
const PATIENCE_MS = 2_000;

/**
 * Keeps what the pages show in step with the hub, for as long as somebody is signed in.
 * @returns since when that has not been so, because the hub does not answer
 */
export function useHubEvents(isSignedIn: boolean): Date | undefined {
  const client = useQueryClient();
  const [lostAt, setLostAt] = useState<Date>();
  useEffect(() => {
    if (!isSignedIn) return;
    let patience: ReturnType<typeof setTimeout> | undefined;
    const setLine = (isUp: boolean) => {
      if (isUp) {
        clearTimeout(patience);
        patience = undefined;
        setLostAt(undefined);
        return;
      }
      const since = new Date();
      patience ??= setTimeout(() => setLostAt(since), PATIENCE_MS);
      // It may be that nobody is signed in any more.
      void client.invalidateQueries({ queryKey: queries.session.queryKey });
    };
    const close = openEventLine({
      onLine: setLine,
      onEvent: (event, data) => {
        const parsed = hubEvent.safeParse({ event, data: JSON.parse(data) });
        if (parsed.success) apply(client, parsed.data);
      },
    });
    return () => {
      clearTimeout(patience);
      close();
    };
  }, [client, isSignedIn]);
  return lostAt;
}

function apply(client: QueryClient, event: HubEvent): void {
  if (event.event === 'reset')
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'browse' });
  if (event.event === 'device') {
    const { data } = event;
    client.setQueryData(
      queries.devices.queryKey,
      (devices) => devices && replace(devices, data, ({ udid }) => udid),
    );
  }
  if (event.event === 'job') {
    client.setQueryData(queries.jobs.queryKey, (jobs) => jobs && withJob(jobs, event.data));
    if (event.data.endedAt !== null) {
      void client.invalidateQueries({ queryKey: ['ledger'] });
      // It says how much is free.
      void client.invalidateQueries({ queryKey: queries.hub.queryKey });
    }
  }
  if (event.event === 'backups') void client.invalidateQueries({ queryKey: ['backups', event.data.udid] });
}

function withJob(jobs: readonly Job[], job: Job): Job[] {
  return replace(jobs, job, ({ id }) => id)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, JOBS_MAX);
}

/** The same list with the new one in the place of the old, or at the end. */
function replace<T>(list: readonly T[], item: T, key: (item: T) => string): T[] {
  const at = list.findIndex((other) => key(other) === key(item));
  return at < 0 ? [...list, item] : list.with(at, item);
}
