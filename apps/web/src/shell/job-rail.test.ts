import type { Job } from '@rootcellar/api';
import { JOB_KINDS, JOB_STATES } from '@rootcellar/api';
import { expect, test } from 'vitest';
import { railOf } from './job-rail.ts';

type Facts = Pick<Job, 'kind' | 'state' | 'progress' | 'result'>;

const job = (state: Job['state'], more: Partial<Facts> = {}): Facts => ({
  kind: 'backup',
  state,
  progress: {},
  result: null,
  ...more,
});

test('a job is always somewhere on its rail', () => {
  for (const kind of JOB_KINDS) {
    for (const state of JOB_STATES) {
      const { steps, current } = railOf(job(state, { kind }));
      expect(steps[current], `${kind} ${state}`).toBeDefined();
    }
  }
});

test('a backup that asks for the passcode is at the passcode, whatever else it says', () => {
  const { steps, current } = railOf(job('preparing', { progress: { prompt: 'passcode' } }));
  expect(steps[current]).toBe('passcode');
});

test('one that failed after bytes had come stopped while receiving', () => {
  const { steps, current } = railOf(job('failed', { progress: { bytes: 100 } }));
  expect(steps[current]).toBe('receiving');
});
