import type { ErrorDetails, KnownError, Retry } from './known-error.ts';

/**
 * What a failure means for the owner's data. The exit code of the command line follows from it,
 * so that a script learns the one thing it must know: is the data safe?
 */
export type DataState = 'unchanged' | 'earlier-snapshots-intact' | 'device-half-changed' | 'damaged';

export const EXIT_CODES: Readonly<Record<DataState, number>> = {
  unchanged: 1,
  'earlier-snapshots-intact': 4,
  'device-half-changed': 5,
  damaged: 6,
};

/** Exit codes that no data state explains. */
export const EXIT_CODE_DONE = 0;
export const EXIT_CODE_USAGE = 2;
export const EXIT_CODE_ITEMS_LEFT_OUT = 3;
export const EXIT_CODE_OUR_BUG = 70;
export const EXIT_CODE_STOPPED_BY_YOU = 130;

/** The state of the owner's data and the sentence that tells it. */
export interface DataMeaning {
  readonly dataState: DataState;
  /** For people: "Your backup of 3 May is intact." */
  readonly yourData: string;
}

/** The four facts that a failed operation owes its reader, and the details behind them. */
export interface FailureReport extends DataMeaning {
  readonly code: string;
  readonly happened: string;
  readonly next: string;
  readonly retry: Retry;
  readonly details: ErrorDetails;
}

/** Thrown by operations only. Its `cause` is the error as the lower layer raised it. */
export class OperationFailure extends Error {
  readonly report: FailureReport;

  constructor(error: KnownError, meaning: DataMeaning, next: string = error.next) {
    super(error.happened, { cause: error });
    this.name = 'OperationFailure';
    this.report = {
      code: error.code,
      happened: error.happened,
      next,
      retry: error.retry,
      details: error.details,
      ...meaning,
    };
  }
}

/** Thrown by operations that were told to stop. No error; but its reader wants to know the same. */
export class OperationStopped extends Error {
  readonly meaning: DataMeaning;

  constructor(meaning: DataMeaning, cause: unknown) {
    super('Stopped.', { cause });
    this.name = 'OperationStopped';
    this.meaning = meaning;
  }
}
