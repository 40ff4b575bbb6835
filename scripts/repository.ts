import { globSync } from 'node:fs';
import { dirname, sep } from 'node:path';

/** The folder that holds everything. */
export const REPOSITORY = dirname(import.meta.dirname);

const NEVER = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Files of this repository, relative to it and with forward slashes. Built and installed ones are left out. */
export function filesMatching(...patterns: readonly string[]): readonly string[] {
  const found = globSync(patterns, { cwd: REPOSITORY, exclude: (name) => NEVER.has(name) });
  return found.map((path) => path.replaceAll(sep, '/')).sort();
}

/** Is it built into a package, and not only there to prove it? */
export function isProductSource(path: string): boolean {
  return !/(?:\.test|\.bench|-contract)\.ts$|\/example-[^/]*\.ts$/.test(path);
}
