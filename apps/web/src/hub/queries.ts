import { api, type BackupSummary, JOB_ENDS, type Job } from '@rootcellar/api';
import { queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { call } from './call.ts';

/*
 * What the pages read. Events keep it fresh, so nothing is asked again only because time has passed.
 */

const AT_REST = { staleTime: Number.POSITIVE_INFINITY, retry: 1 } as const;

/** Enough for the bar and for what has just ended. */
const RECENT_JOBS = 30;

export const queries = {
  session: queryOptions({ queryKey: ['session'], queryFn: () => call(api.session.readSession), ...AT_REST }),
  hub: queryOptions({ queryKey: ['hub'], queryFn: () => call(api.hub.readHub), ...AT_REST }),
  devices: queryOptions({
    queryKey: ['devices'],
    queryFn: async () => (await call(api.devices.listDevices)).devices,
    ...AT_REST,
  }),
  jobs: queryOptions({
    queryKey: ['jobs'],
    queryFn: async () => (await call(api.jobs.listJobs, { query: { limit: RECENT_JOBS } })).jobs,
    ...AT_REST,
  }),
  backups: (udid: string) =>
    queryOptions({
      queryKey: ['backups', udid],
      queryFn: async () => (await call(api.backups.listBackups, { query: { udid } })).backups,
      ...AT_REST,
    }),
} as const;

export function useDevices() {
  return useQuery(queries.devices).data ?? [];
}

export function useDevice(udid: string) {
  return useDevices().find((device) => device.udid === udid);
}

export function useJobs(): readonly Job[] {
  return useQuery(queries.jobs).data ?? [];
}

/** The newest first. */
export function useBackups(udid: string) {
  return useQuery(queries.backups(udid));
}

/** Of one's other phones, the newest first: a new phone begins with what an old one had. */
export function useOtherBackups(udid: string): readonly BackupSummary[] {
  const others = useDevices().filter((device) => device.udid !== udid && device.ownedBy !== 'somebody-else');
  return useQueries({
    queries: others.map((device) => queries.backups(device.udid)),
    combine: (answers) =>
      answers
        .flatMap(({ data }) => data ?? [])
        .sort((one, other) => (other.takenAt ?? '').localeCompare(one.takenAt ?? '')),
  });
}

export function isEnded({ state }: Job): boolean {
  return (JOB_ENDS as readonly string[]).includes(state);
}
