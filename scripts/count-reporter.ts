import type { Reporter } from 'vitest/node';

/** How many files the report of the slowest names. */
const SLOWEST_FILES = 10;

/** Of a file that skips more tests than this, the others are only counted. */
const SKIPS_NAMED = 5;

/** What we look at in a test file that has ended. */
export interface EndedModule {
  readonly relativeModuleId: string;
  state(): string;
  diagnostic(): { readonly collectDuration: number; readonly duration: number };
  /** Of loading it, and of what is set up for all of it. */
  errors(): readonly unknown[];
  readonly children: { allTests(): Iterable<EndedTest>; allSuites(): Iterable<EndedSuite> };
}

interface EndedSuite {
  readonly fullName: string;
  /** Of what is set up for it; its tests are then skipped. */
  errors(): readonly unknown[];
}

interface EndedTest {
  readonly fullName: string;
  result(): { readonly state: string; readonly note?: string | undefined };
}

/** A whole run in numbers. */
export interface Tally {
  readonly passed: number;
  /** Also files that could not be loaded or set up, errors outside of any test, and tests that never ended. */
  readonly failed: number;
  readonly skipped: number;
  /** Files, suites and errors outside of them that count as failed although no test of theirs did. */
  readonly broken: readonly string[];
  /** Names of skipped tests, not more than a few of each file. */
  readonly skips: readonly string[];
  readonly slowest: readonly { readonly file: string; readonly ms: number }[];
}

/** Counts what a run came to. Nothing that went wrong anywhere is left uncounted. */
export function tally(modules: readonly EndedModule[], errorsOutside: number): Tally {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const broken: string[] = [];
  const skips: string[] = [];
  for (const module of modules) {
    const before = counts.failed;
    const skippedHere: string[] = [];
    for (const test of module.children.allTests()) {
      const { state, note } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state !== 'skipped') counts.failed += 1;
      else {
        counts.skipped += 1;
        skippedHere.push(`${test.fullName}${note ? ` (${note})` : ''}`);
      }
    }
    skips.push(...nameSkips(module.relativeModuleId, skippedHere));
    const here = brokenParts(module);
    const endedWell = module.state() === 'passed' || module.state() === 'skipped';
    if (!endedWell && counts.failed === before && here.length === 0) here.push(module.relativeModuleId);
    broken.push(...here);
  }
  for (let error = 0; error < errorsOutside; error += 1) broken.push('an error outside of any test');
  counts.failed += broken.length;
  return { ...counts, broken, skips, slowest: slowestOf(modules) };
}

/** The line that ends `npm test`, for programs that read it. */
export function countLine(counts: Pick<Tally, 'passed' | 'failed' | 'skipped'>): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/**
 * What the end of a run tells a person: the slowest files, what was skipped and why.
 *
 * @param reasons what test files said about skipping, in their words
 */
export function describeTally(run: Tally, reasons: readonly string[]): readonly string[] {
  const slowest = run.slowest.map(({ file, ms }) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  return [
    'The slowest files:',
    ...slowest,
    ...list(`SKIPPED: ${run.skipped} tests did not run.`, [...reasons, ...run.skips]),
    ...list('FAILED without a failed test:', run.broken),
    '',
  ];
}

/** Listens to a run of vitest, and keeps what is needed to describe it. */
export function countReporter(): Reporter & {
  /** `undefined` until the run has ended. */
  readonly result: Tally | undefined;
  readonly reasons: readonly string[];
} {
  const reasons = new Set<string>();
  let result: Tally | undefined;
  return {
    get result() {
      return result;
    },
    get reasons() {
      return [...reasons];
    },
    onUserConsoleLog({ content }) {
      for (const line of content.split('\n')) if (/\bskipped\b/i.test(line)) reasons.add(line.trim());
    },
    onTestRunEnd(modules, unhandledErrors) {
      result = tally(modules, unhandledErrors.length);
    },
  };
}

function brokenParts(module: EndedModule): string[] {
  const file = module.relativeModuleId;
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return [
    ...(module.errors().length > 0 ? [file] : []),
    ...suites.map((suite) => `${file} > ${suite.fullName}`),
  ];
}

function nameSkips(file: string, names: readonly string[]): readonly string[] {
  const named = names.slice(0, SKIPS_NAMED).map((name) => `${file} > ${name}`);
  const others = names.length - named.length;
  return others > 0 ? [...named, `${file} > … and ${others} more`] : named;
}

function slowestOf(modules: readonly EndedModule[]): Tally['slowest'] {
  return modules
    .map((module) => {
      const { collectDuration, duration } = module.diagnostic();
      return { file: module.relativeModuleId, ms: collectDuration + duration };
    })
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST_FILES);
}
