import type { Failure, JobKind } from '@rootcellar/api';
import { failureToJson, KnownError, OperationFailure, OperationStopped } from '@rootcellar/core';
import { hubError } from '../errors.ts';
import type { JobEnding } from '../store/job-records.ts';

/** An error as it crosses HTTP. What we do not know is our bug, and says nothing of itself. */
export function failureOf(error: unknown): Failure {
  if (error instanceof OperationFailure) return failureToJson(error.report).error as Failure;
  const known = error instanceof KnownError ? error : hubError('bug');
  const report = {
    code: known.code,
    happened: known.happened,
    next: known.next,
    retry: known.retry,
    details: known.details,
    dataState: 'unchanged',
    yourData: 'Nothing was changed.',
  } as const;
  return failureToJson(report).error as Failure;
}

/** @param cancelledBy who wanted it to stop, if somebody did */
export function endingAfter(
  error: unknown,
  kind: JobKind,
  cancelledBy: 'person' | 'hub' | undefined,
): JobEnding {
  const none = { result: null, error: null, yourData: null };
  if (cancelledBy === 'person') {
    const yourData = error instanceof OperationStopped ? error.meaning.yourData : 'Nothing was changed.';
    return { ...none, state: 'cancelled', yourData };
  }
  if (cancelledBy === 'hub') return { ...none, state: 'interrupted', yourData: afterInterruption(kind) };
  const failure = failureOf(error);
  return { ...none, state: 'failed', error: failure, yourData: failure.yourData };
}

/** What it means that nobody knows how far a job got. */
export function afterInterruption(kind: JobKind): string {
  if (kind === 'restore') {
    return 'The backup is as it was. The iPhone may be between two states until the restore is run again.';
  }
  if (kind === 'backup') {
    return 'What was backed up before is as it was. The next run goes on with what was received; only a first backup begins anew.';
  }
  if (kind === 'encryption') {
    return 'Backups made so far are as they were. Whether the password of future ones has changed, the iPhone tells.';
  }
  return 'Nothing was changed.';
}
