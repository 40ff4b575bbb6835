import { api } from '@rootcellar/api';
import { hubError } from '../../errors.ts';
import type { Hub } from '../../hub.ts';
import { jobAnswer } from '../../jobs/job-answer.ts';
import { type JobRecord, jobMarker } from '../../store/job-records.ts';
import { type Call, type HubRouter, serve } from '../serve-route.ts';

export function serveJobs(router: HubRouter, hub: Hub): void {
  serve(router, api.jobs.listJobs, async ({ query }, { person }) => {
    const { udid, ended, after, limit } = query;
    const found = await hub.jobs.records.list({
      udid,
      after,
      limit: limit + 1,
      ended: ended && ended === 'yes',
      ownerID: person.isOperator ? undefined : person.id,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      jobs: page.map((job) => jobAnswer(hub.jobs.asNow(job), person.id)),
      next: found.length > limit && last ? jobMarker(last) : null,
    };
  });

  serve(router, api.jobs.readJob, async ({ params }, call) => ({
    job: jobAnswer(await requireSeen(hub, params.id, call), call.person.id),
  }));

  serve(router, api.jobs.cancelJob, async ({ params }, call) => {
    const job = await requireSeen(hub, params.id, call);
    if (job.ownerID !== call.person.id) throw hubError('device-of-another');
    return { job: jobAnswer(await hub.jobs.cancel(params.id), call.person.id) };
  });
}

/** @throws `hub.job-unknown`, also for those of others */
async function requireSeen(hub: Hub, id: string, { person }: Call): Promise<JobRecord> {
  const job = await hub.jobs.find(id);
  if (!person.isOperator && job.ownerID !== person.id) throw hubError('job-unknown');
  return job;
}
