import { storageError, vaultError } from '../errors.ts';

/** What a storage says of one file; all else it says of itself, or of the way to it. */
const OF_ONE_FILE = ['not-found', 'cut-short', 'too-large', 'input-output'] as const;

/**
 * Does an error say that a stored file is damaged or lost? A server that cannot be reached, and somebody who gave up,
 * say nothing about the file: who passed over those would take what is whole for damaged.
 */
export function isDamage(error: unknown): boolean {
  return vaultError.matches(error) || OF_ONE_FILE.some((name) => storageError.matches(error, name));
}
