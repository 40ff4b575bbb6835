import type { Job, JobKind, JobState } from '@rootcellar/api';

/** The steps that the rail shows, by kind of job. */
export type RailStep =
  | 'connected'
  | 'trust'
  | 'passcode'
  | 'receiving'
  | 'verifying'
  | 'storing'
  | 'planning'
  | 'sending'
  | 'restarting'
  | 'confirming'
  | 'done';

const RAILS: Readonly<Record<JobKind, readonly RailStep[]>> = {
  pair: ['connected', 'trust', 'done'],
  backup: ['connected', 'passcode', 'receiving', 'verifying', 'storing', 'done'],
  'restore-plan': ['planning', 'done'],
  restore: ['planning', 'passcode', 'sending', 'restarting', 'confirming', 'done'],
  encryption: ['connected', 'passcode', 'confirming', 'done'],
  verify: ['verifying', 'done'],
};

const STEP_OF_STATE: Readonly<Partial<Record<JobState, RailStep>>> = {
  'waiting-for-device': 'connected',
  'waiting-for-trust': 'trust',
  'waiting-for-passcode': 'passcode',
  preparing: 'receiving',
  planning: 'planning',
  receiving: 'receiving',
  sending: 'sending',
  verifying: 'verifying',
  storing: 'storing',
  restarting: 'restarting',
  confirming: 'confirming',
  done: 'done',
};

export interface Rail {
  readonly steps: readonly RailStep[];
  /** Index of the step the job is at, or was at when it ended. */
  readonly current: number;
}

/** Where a job is on its rail. What has no step of its own counts as the first one. */
export function railOf({
  kind,
  state,
  progress,
  result,
}: Pick<Job, 'kind' | 'state' | 'progress' | 'result'>): Rail {
  const steps = RAILS[kind];
  if (progress.prompt === 'passcode' && steps.includes('passcode'))
    return { steps, current: steps.indexOf('passcode') };
  const step = STEP_OF_STATE[state];
  if (step !== undefined && steps.includes(step)) return { steps, current: steps.indexOf(step) };
  // A job that ended badly stood where its last numbers say.
  const moved = (progress.bytes ?? 0) > 0 || result !== null;
  const mover = steps.findIndex((name) => name === 'receiving' || name === 'sending' || name === 'verifying');
  return { steps, current: moved && mover >= 0 ? mover : Math.min(1, steps.length - 1) };
}
