import { ApiError, apiClient, type Failure } from '@rootcellar/api';

/** Asks the hub that this page came from. */
export const call = apiClient();

/** The four facts of anything that went wrong. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.error;
  return {
    code: 'hub.unreachable',
    happened: 'The hub does not answer.',
    yourData: 'Backups that are finished are not touched by this.',
    next: 'Look whether it still runs: rootcellar start. This page goes on by itself.',
    dataState: 'unchanged',
  };
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
