import type { Job, JobProgress } from '@rootcellar/api';
import type { JobRecord } from '../store/job-records.ts';

/** A job as one person may see it. What it found inside a backup is for the owner alone. */
export function jobAnswer(job: JobRecord, personID: string): Job {
  return {
    id: job.id,
    kind: job.kind,
    udid: job.udid,
    deviceName: job.deviceName,
    backup: job.backup,
    startedBy: job.startedBy,
    state: job.state,
    progress: job.endedAt === null ? progressFor(job, personID) : whatWasDone(job),
    createdAt: new Date(job.createdAt).toISOString(),
    endedAt: job.endedAt === null ? null : new Date(job.endedAt).toISOString(),
    result: job.ownerID === personID ? job.result : null,
    error: job.error,
    yourData: job.yourData,
  };
}

/** Which apps somebody has is in no number. */
function progressFor({ progress, ownerID }: JobRecord, personID: string): JobProgress {
  const { domain: _, ...rest } = progress;
  return ownerID === personID ? progress : rest;
}

/** What somebody had to do, or how long it would take, is over. */
function whatWasDone({ progress: { fraction, bytes, files } }: JobRecord): JobProgress {
  return {
    ...(fraction !== undefined && { fraction }),
    ...(bytes !== undefined && { bytes }),
    ...(files !== undefined && { files }),
  };
}
