import type { KnownError } from '@rootcellar/core';
import { mobilebackup2Error } from '@rootcellar/device';
import { OTHER_PASSWORD } from '../backup-password.ts';
import type { FailureMeaning } from '../run-operation.ts';

/**
 * How far a restore has come: `not-begun`, while the phone has taken nothing; `sending`, while it takes what it asks for;
 * `all-taken`, when it has said that it has everything, and restarts by itself.
 */
export type RestoreReach = 'not-begun' | 'sending' | 'all-taken';

/** Refusals that a device makes before it changes anything. Source: observed §4. */
const REFUSED_AT_ONCE: ReadonlySet<string> = new Set([
  'mobilebackup2.find-my-on',
  'mobilebackup2.wrong-password',
  'mobilebackup2.newer-system',
  'mobilebackup2.device-full',
  'mobilebackup2.setup-not-finished',
  'mobilebackup2.backup-encrypted-by-policy',
]);

/** @param error `undefined` if somebody stopped the restore */
export function restoreMeaning(reach: RestoreReach, error: KnownError | undefined): FailureMeaning {
  const refused = error !== undefined && REFUSED_AT_ONCE.has(error.code);
  if (reach === 'not-begun' || refused) {
    return {
      dataState: 'unchanged',
      yourData: 'Nothing was changed on the iPhone. The backup is as it was.',
      ...(mobilebackup2Error.matches(error, 'wrong-password') && { next: OTHER_PASSWORD }),
    };
  }
  if (reach === 'all-taken') {
    return {
      dataState: 'device-half-changed',
      yourData:
        'The backup is as it was. The iPhone has taken everything and restarts by itself; if it shows Hello or its home screen, the restore is complete.',
    };
  }
  return {
    dataState: 'device-half-changed',
    yourData: 'The backup is as it was. The iPhone may be between two states until the restore is run again.',
  };
}
