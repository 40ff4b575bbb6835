import { derError, keyedArchiveError, plistError } from '@rootcellar/codecs';
import { KnownError } from '@rootcellar/core';
import { backupError } from '../errors.ts';

/** Of those who are given bytes, and read nothing themselves: if they fail, it is the bytes. */
const OF_BYTES = [backupError, plistError, keyedArchiveError, derError];

/**
 * Does an error from reading a backup tell of the backup? A server that cannot be reached, or a folder that may not be
 * read, tells nothing of it: unknown is not false.
 */
export function isDamage(error: unknown): error is KnownError {
  return error instanceof KnownError && (error.saysDamage || OF_BYTES.some((area) => area.matches(error)));
}
