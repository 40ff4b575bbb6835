import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finishCheck } from './finish-check.ts';
import { REPOSITORY } from './repository.ts';

/** What we look at in package-lock.json, version 3. Keys of `packages` are paths: `node_modules/a`, `apps/cli`. */
export interface PackageLock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Finds what `npm install` does to a lock without a word.
 *
 * - It leaves out an optional package that it could not fetch: compilers and Node itself come as one optional
 *   package for each platform, so that the next `npm ci`, or one on another kind of computer, has none.
 * - It notes the host that a package came from, which may be a mirror that only one office can reach.
 */
export function checkLock(lock: PackageLock): readonly string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => [
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isLocked(lock, path, name))
      .map((name) => `package-lock.json: ${path || 'the root'} wants ${name}, which has no entry`),
    ...(entry.resolved !== undefined && entry.link !== true
      ? [`package-lock.json: ${path} names the host it came from`]
      : []),
  ]);
}

/** As Node looks for it: beside the package, then in each folder above. */
function isLocked(lock: PackageLock, path: string, name: string): boolean {
  for (let at = path; ; at = parentOf(at)) {
    if (Object.hasOwn(lock.packages, at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`))
      return true;
    if (at === '') return false;
  }
}

/** "node_modules/a/node_modules/b" → "node_modules/a"; "node_modules/a" and "apps/cli" → "" */
function parentOf(path: string): string {
  const end = path.lastIndexOf('/node_modules/');
  return end < 0 ? '' : path.slice(0, end);
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as PackageLock;
  finishCheck(checkLock(lock), `${Object.keys(lock.packages).length} packages are locked completely.`);
}
