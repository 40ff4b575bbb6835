import { deviceAnswer } from '../devices/device-answer.ts';
import { maySeeBackups, maySeeState } from '../devices/ownership.ts';
import type { Hub } from '../hub.ts';
import { jobAnswer } from '../jobs/job-answer.ts';
import type { JobRecord } from '../store/job-records.ts';

type Parts = Pick<Hub, 'bus' | 'registry' | 'catalogue' | 'jobs' | 'clock'>;

/** What is shown of a phone may be different now. Each person gets it as it is when their first page reads it. */
export function publishDevice(hub: Parts, udid: string): void {
  hub.bus.publish(udid, (id, isOperator) => {
    const known = hub.registry.find(udid);
    const person = { id, isOperator };
    if (known === undefined || !maySeeState(person, known.ownerID)) return undefined;
    const lastGood = hub.catalogue.lastGoodKnown(udid);
    const around = { person, lastGood, jobID: hub.jobs.atWork(udid)?.id, now: hub.clock.now() };
    return { event: 'device', data: deviceAnswer(known, around) };
  });
}

/** @param promptBefore what the owner had to do until now */
export function publishJob(
  hub: Parts,
  job: JobRecord,
  promptBefore: JobRecord['progress']['prompt'] | undefined,
): void {
  const isSeenBy = (id: string, isOperator: boolean) => isOperator || job.ownerID === id;
  hub.bus.publish(job.udid, (id, isOperator) =>
    isSeenBy(id, isOperator) ? { event: 'job', data: jobAnswer(job, id) } : undefined,
  );
  const prompt = job.endedAt === null ? (job.progress.prompt ?? null) : null;
  if (prompt === (promptBefore ?? null)) return;
  hub.bus.publish(job.udid, (id, isOperator) =>
    isSeenBy(id, isOperator) ? { event: 'prompt', data: { udid: job.udid, job: job.id, prompt } } : undefined,
  );
}

export function publishBackups(hub: Parts, udid: string): void {
  hub.bus.publish(udid, (id, isOperator) =>
    maySeeBackups({ id, isOperator }, hub.registry.ownerOf(udid))
      ? { event: 'backups', data: { udid } }
      : undefined,
  );
}
