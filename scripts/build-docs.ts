import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ErrorArea, renderCatalogue } from '@rootcellar/core';
import { DOCTOR_PAGE, renderFindings } from './doctor-page.ts';
import { finishCheck } from './finish-check.ts';
import { filesMatching, REPOSITORY } from './repository.ts';

const ERRORS_PAGE = 'docs/errors.md';

const INTRODUCTION = `# Every error, and what to do

Each error has a code that never changes. What it means for your data depends on what was being done, so it is told
with the error itself. A word in braces, like \`{count}\`, is replaced by a number or a state.

This page is made from the catalogues in the code: \`npm run docs\`.
`;

/** Every error catalogue of every part, by area. */
async function collectAreas(): Promise<readonly ErrorArea<string>[]> {
  const areas = new Map<string, ErrorArea<string>>();
  for (const path of filesMatching('{packages,apps}/*/src/**/errors.ts')) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(REPOSITORY, path)).href);
    for (const value of Object.values(module).filter(isErrorArea)) {
      if (areas.has(value.area)) throw new Error(`${path} defines the area ${value.area} a second time`);
      areas.set(value.area, value);
    }
  }
  return [...areas.values()].sort((a, b) => (a.area < b.area ? -1 : 1));
}

function isErrorArea(value: unknown): value is ErrorArea<string> {
  return typeof value === 'function' && 'area' in value && 'catalogue' in value;
}

const areas = await collectAreas();
const PAGES: Readonly<Record<string, string>> = {
  [ERRORS_PAGE]: [INTRODUCTION, ...areas.map(({ area, catalogue }) => renderCatalogue(area, catalogue))].join(
    '\n',
  ),
  [DOCTOR_PAGE]: renderFindings(),
};

if (process.argv.includes('--check')) {
  const outdated = Object.keys(PAGES).filter((path) => read(path) !== PAGES[path]);
  finishCheck(
    outdated.map((path) => `${path} is not what the code says: npm run docs`),
    `${areas.length} catalogues and the words of the doctor are as the code says.`,
  );
} else {
  for (const [path, page] of Object.entries(PAGES)) {
    mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true });
    writeFileSync(join(REPOSITORY, path), page);
    console.log(`${path}: ${page.length} characters`);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(REPOSITORY, path), 'utf8');
  } catch {
    return undefined; // Not made yet.
  }
}
