import { phoneFilesError } from '../errors.ts';

/** Limits of APFS and Darwin: 255 bytes per name, 1,024 per path (`NAME_MAX`, `PATH_MAX`). */
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 1024;

/**
 * Splits an absolute path of the phone into its names; `/` has none.
 * Names stay as they are: two spellings of an accent are two files.
 *
 * @throws `phone-files.path-unsafe` if it is relative, too long, or has an empty, `.` or `..` segment
 */
export function namesOf(path: string): readonly string[] {
  const reason = whyUnsafe(path);
  if (reason !== undefined) throw phoneFilesError('path-unsafe', { reason });
  return path === '/' ? [] : path.slice(1).split('/');
}

/** The folder that holds `path`; `/` holds itself. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** Appends one name or a relative path; an empty one gives the folder itself. */
export function below(folder: string, name: string): string {
  if (name === '') return folder;
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function whyUnsafe(path: string): string | undefined {
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'not absolute';
  if (path.includes('\0')) return 'NUL character';
  if (!path.isWellFormed()) return 'half of a character';
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return 'too long';
  for (const name of path.slice(1).split('/')) {
    if (name === '') return 'empty segment';
    if (name === '.' || name === '..') return 'dot segment';
    if (name.length > NAME_BYTES_MAX / 3 && Buffer.byteLength(name) > NAME_BYTES_MAX) return 'name too long';
  }
  return undefined;
}
