import { KnownError } from '../errors/known-error.ts';
import { treeError } from '../errors.ts';

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const NAMES = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EFBIG: 'disk-full',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
  ENOENT: 'not-found',
  ENOTDIR: 'not-a-folder',
  EEXIST: 'not-a-folder',
  EISDIR: 'is-a-folder',
  ENAMETOOLONG: 'path-unsafe',
  ELOOP: 'path-unsafe',
} as const;

/** What the operating system says, as one of our errors. Errors that are ours already stay as they are. */
export function treeErrorFor(error: unknown): unknown {
  if (error instanceof KnownError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  const name = code in NAMES ? NAMES[code as keyof typeof NAMES] : 'input-output';
  return treeError(name, { systemCode: code, reason: code }, error);
}
