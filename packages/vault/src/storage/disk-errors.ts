import { KnownError } from '@rootcellar/core';
import { storageError } from '../errors.ts';

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const NAMES = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  EROFS: 'not-permitted',
  ENOENT: 'not-found',
  EEXIST: 'exists',
  ENOTDIR: 'not-a-vault',
  EISDIR: 'not-a-vault',
} as const;

/** What the operating system says, as one of our errors. What is no error of a disk stays as it is. */
export function diskError(error: unknown): unknown {
  if (error instanceof KnownError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  const name = code in NAMES ? NAMES[code as keyof typeof NAMES] : 'input-output';
  return storageError(name, { systemCode: code }, error);
}
