import {
  type DataMeaning,
  KnownError,
  OperationFailure,
  OperationStopped,
  treeErrorFor,
} from '@rootcellar/core';

/** What a failure means, and what to do next where the operation knows better than the error. */
export interface FailureMeaning extends DataMeaning {
  readonly next?: string;
}

/**
 * Where errors meet the owner's data: every operation runs in here, and none can without saying what
 * a failure would mean.
 *
 * @param work the operation
 * @param meaning looks at what is there afterwards; gets no error if the operation was told to stop
 * @throws `OperationFailure` for errors we know, `OperationStopped` when `signal` aborted it; whatever
 *   else `work` threw as it is: our bug
 */
export async function runOperation<Result>(
  work: () => Promise<Result>,
  meaning: (error: KnownError | undefined) => Promise<FailureMeaning>,
  signal?: AbortSignal,
): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    const error = treeErrorFor(thrown);
    if (error instanceof KnownError) {
      const { next, ...data } = await meaning(error);
      throw new OperationFailure(error, data, next);
    }
    if (signal?.aborted && error === signal.reason)
      throw new OperationStopped(await meaning(undefined), error);
    throw error;
  }
}

const NOTHING_CHANGED = 'Nothing was changed, neither here nor on the iPhone.';

/** For operations that only look. */
export async function nothingChanged(error?: KnownError): Promise<DataMeaning> {
  return error?.saysDamage
    ? { dataState: 'damaged', yourData: `Something that is stored is damaged or gone. ${NOTHING_CHANGED}` }
    : { dataState: 'unchanged', yourData: NOTHING_CHANGED };
}
