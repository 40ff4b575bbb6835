import { z } from 'zod';
import { failure } from './error-answer.ts';
import { planAnswer } from './plan.ts';
import { defineRoute } from './route.ts';
import { bytes, count, id, pageMarker, pageSize, time, udid } from './words.ts';

export const JOB_KINDS = ['pair', 'backup', 'restore-plan', 'restore', 'encryption', 'verify'] as const;
export const jobKind = z.enum(JOB_KINDS).meta({ id: 'JobKind' });
export type JobKind = z.infer<typeof jobKind>;

/** Ends; the others are phases of work. */
export const JOB_ENDS = ['done', 'failed', 'cancelled', 'interrupted'] as const;

/** The same words everywhere; `interrupted`: whoever worked on it is gone. */
export const JOB_STATES = [
  'waiting-for-device',
  'waiting-for-trust',
  'waiting-for-passcode',
  'preparing',
  'planning',
  'receiving',
  'sending',
  'verifying',
  'storing',
  'restarting',
  'confirming',
  ...JOB_ENDS,
] as const;
export const jobState = z.enum(JOB_STATES).meta({ id: 'JobState' });
export type JobState = z.infer<typeof jobState>;

/** Never runs backwards. */
export const jobProgress = z
  .object({
    /** 0…1; absent while nobody can know. */
    fraction: z.number().min(0).max(1).optional(),
    bytes: bytes.optional(),
    files: count.optional(),
    bytesPerSecond: z.number().nonnegative().optional(),
    secondsLeft: z.number().nonnegative().optional(),
    /** The part of the phone that is arriving, where that is known; for its owner alone. */
    domain: z.string().optional(),
    /** A sentence for the owner: "Enter the passcode on your iPhone." */
    note: z.string().optional(),
    /** What the owner has to do at the phone, now. */
    prompt: z.enum(['trust', 'unlock', 'passcode']).optional(),
  })
  .meta({ id: 'JobProgress' });
export type JobProgress = z.infer<typeof jobProgress>;

const backupResult = z.object({
  kind: z.literal('backup'),
  /** Under which it can be found now. */
  backup: id.nullable(),
  files: count,
  bytes,
  changedFiles: count,
  changedBytes: bytes,
  /** Items that the phone itself could not read. */
  unreadableFiles: count,
  /** Apps could not be listed: a restore will not install them again. */
  withoutApps: z.boolean(),
  encrypted: z.boolean(),
  /** Encrypted, and no password was at hand to look inside. */
  sealed: z.boolean(),
  /** A password was given, and does not open it: not decrypted, not looked into. */
  wrongPassword: z.boolean().default(false),
  /** Findings that are no damage. */
  doubts: count,
});

export const finding = z
  .object({
    code: z.string(),
    fileID: z.string().nullable(),
    domain: z.string().nullable(),
    path: z.string().nullable(),
    message: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'Finding' });

const verifyResult = z.object({
  kind: z.literal('verify'),
  verdict: z.enum(['whole', 'whole-but-old', 'incomplete', 'damaged', 'cannot-tell']),
  files: count,
  bytes,
  checkedBy: z.object({ digest: count, structure: count, length: count }),
  /** The first hundred; `findingsLeftOut` more. */
  findings: z.array(finding),
  findingsLeftOut: count,
});

export const jobResult = z
  .discriminatedUnion('kind', [
    backupResult,
    verifyResult,
    z.object({ kind: z.literal('pair'), wasPaired: z.boolean() }),
    z.object({ kind: z.literal('encryption'), encrypted: z.boolean() }),
    z.object({ kind: z.literal('restore'), files: count, bytes }),
    z.object({ kind: z.literal('restore-plan'), plan: planAnswer }),
  ])
  .meta({ id: 'JobResult' });
export type JobResult = z.infer<typeof jobResult>;

export const job = z
  .object({
    id,
    kind: jobKind,
    udid,
    deviceName: z.string(),
    /** The one that is read, where there is one. */
    backup: id.nullable(),
    /** `automatic`: it began because the phone was plugged in. */
    startedBy: z.enum(['person', 'automatic']),
    state: jobState,
    progress: jobProgress,
    createdAt: time,
    endedAt: time.nullable(),
    result: jobResult.nullable(),
    error: failure.nullable(),
    /** A cancelled or interrupted job has no error, but tells what became of the data. */
    yourData: z.string().nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof job>;

export const jobAnswer = z.object({ job });

export const listJobs = defineRoute({
  name: 'listJobs',
  method: 'get',
  path: '/api/jobs',
  summary: 'Jobs of one\u2019s phones, the newest first',
  query: z.strictObject({
    udid: udid.optional(),
    /** Only those that have not ended, or only those that have. */
    ended: z.enum(['yes', 'no']).optional(),
    after: pageMarker.optional(),
    limit: pageSize(50, 200),
  }),
  status: 200,
  answer: z.object({ jobs: z.array(job), next: pageMarker.nullable() }),
});

export const readJob = defineRoute({
  name: 'readJob',
  method: 'get',
  path: '/api/jobs/{id}',
  summary: 'One job',
  params: z.strictObject({ id }),
  status: 200,
  answer: jobAnswer,
});

export const cancelJob = defineRoute({
  name: 'cancelJob',
  method: 'post',
  path: '/api/jobs/{id}/cancel',
  summary: 'Stop a job; earlier backups are untouched',
  params: z.strictObject({ id }),
  status: 202,
  answer: jobAnswer,
});
