import { treeError } from '../errors.ts';

declare const checked: unique symbol;

/**
 * The name of a file or folder inside a tree: relative, `/` between segments, no way out.
 * The root is the empty string. Only `treePath` makes one, so whoever holds one may trust it.
 *
 * Names are never Unicode-normalised: two spellings of an accent are two files, as on the phone.
 */
export type TreePath = string & { readonly [checked]: true };

/** APFS and ext4 allow 255 bytes per name; the whole path of a phone stays under 4,096. */
const SEGMENT_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4096;

export const ROOT: TreePath = '' as TreePath;

/**
 * Checks a name that came from outside.
 *
 * @throws `tree.path-unsafe` if it is absolute, has an empty, `.` or `..` segment, a NUL, a backslash,
 *   a drive letter, or is too long for a file system
 */
export function treePath(name: string): TreePath {
  const reason = whyUnsafe(name);
  if (reason !== undefined) throw treeError('path-unsafe', { reason, lengthBytes: Buffer.byteLength(name) });
  return name as TreePath;
}

/** Joins checked paths and one or more unchecked names. @throws `tree.path-unsafe` */
export function joinPath(base: TreePath, ...names: readonly string[]): TreePath {
  const below = names.join('/');
  return treePath(base === ROOT ? below : `${base}/${below}`);
}

/** The folder that holds it; the root holds itself. */
export function parentOf(path: TreePath): TreePath {
  const slash = path.lastIndexOf('/');
  return (slash < 0 ? '' : path.slice(0, slash)) as TreePath;
}

/** The last segment. */
export function nameOf(path: TreePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Is `path` the folder itself or anything below it? */
export function isInside(path: TreePath, folder: TreePath): boolean {
  return folder === ROOT || path === folder || path.startsWith(`${folder}/`);
}

/** A move into itself, or over a folder that holds it, would lose data. @throws `tree.path-unsafe` */
export function requireApart(from: TreePath, to: TreePath): void {
  if (isInside(from, to) || isInside(to, from))
    throw treeError('path-unsafe', { reason: 'one holds the other' });
}

function whyUnsafe(name: string): string | undefined {
  if (name === '') return undefined;
  if (Buffer.byteLength(name) > PATH_BYTES_MAX) return 'too long';
  if (name.includes('\0')) return 'NUL character';
  if (name.includes('\\')) return 'backslash';
  if (name.startsWith('/')) return 'absolute';
  for (const segment of name.split('/')) {
    if (segment === '') return 'empty segment';
    if (segment === '.' || segment === '..') return 'dot segment';
    if (segment.length > SEGMENT_BYTES_MAX / 3 && Buffer.byteLength(segment) > SEGMENT_BYTES_MAX) {
      return 'name too long';
    }
  }
  return /^[a-z]:/i.test(name) ? 'drive letter' : undefined;
}
