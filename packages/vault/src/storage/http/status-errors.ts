import type { KnownError } from '@rootcellar/core';
import { storageError } from '../../errors.ts';

/** What a status other than success means, wherever it comes from. */
export function statusError(status: number): KnownError {
  const details = { status };
  if (status === 401) return storageError('not-signed-in', details);
  if (status === 403 || status === 405 || status === 501) return storageError('not-permitted', details);
  if (status === 404) return storageError('not-found', details);
  if (status === 413 || status === 507) return storageError('full', details);
  if (status === 408 || status === 429 || (status >= 500 && status !== 505))
    return storageError('busy', details);
  return storageError('unknown-answer', details);
}
