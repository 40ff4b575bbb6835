import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { finishCheck } from './finish-check.ts';
import { REPOSITORY } from './repository.ts';

/** Of JavaScript, compressed: what a person waits for on a slow network before anything can be tapped on. */
const FIRST_LOAD_BYTES_MAX = 300_000;

const BUILT = join(REPOSITORY, 'apps', 'web', 'dist');

/** The scripts that a page loads before it shows anything: its own, and those fetched ahead. */
export function scriptsOf(page: string): readonly string[] {
  const tags = page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="\/?([^"]+\.js)"/g);
  return [...new Set([...tags].map((match) => match[1] ?? ''))];
}

if (import.meta.main) {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8');
  const bytes = scriptsOf(page)
    .map((path) => gzipSync(readFileSync(join(BUILT, path))).length)
    .reduce((sum, size) => sum + size, 0);
  const told = `The web app loads ${Math.round(bytes / 1000)} kB of JavaScript first (gzip; at most ${FIRST_LOAD_BYTES_MAX / 1000}).`;
  finishCheck(bytes === 0 || bytes > FIRST_LOAD_BYTES_MAX ? [told] : [], told);
}
