import { type HubEvent, hubEvent, type Job } from '@rootcellar/api';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queries } from './queries.ts';

const KINDS = ['reset', 'device', 'job', 'prompt', 'backups'] as const;

/** Jobs that we keep in mind. */
const JOBS_MAX = 60;

/** Keeps what the pages show in step with the hub, for as long as somebody is signed in. */
export function useHubEvents(isSignedIn: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isSignedIn) return;
    const source = new EventSource('/api/events');
    for (const event of KINDS) {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        const parsed = hubEvent.safeParse({ event, data: JSON.parse(data) });
        if (parsed.success) apply(client, parsed.data);
      });
    }
    return () => source.close();
  }, [client, isSignedIn]);
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
    if (event.data.endedAt !== null) void client.invalidateQueries({ queryKey: ['ledger'] });
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
