import { expect, test } from 'vitest';
import { countLine, countReporter, describeTally, type EndedModule, tally } from './count-reporter.ts';

type State = 'passed' | 'failed' | 'skipped' | 'pending';

function ended(
  file: string,
  states: readonly State[],
  options: { state?: string; ms?: number; brokenSuite?: string } = {},
): EndedModule {
  const suite = options.brokenSuite;
  const state = options.state ?? (states.includes('failed') ? 'failed' : 'passed');
  return {
    relativeModuleId: file,
    state: () => state,
    diagnostic: () => ({ collectDuration: 1, duration: options.ms ?? 0 }),
    errors: () => [],
    children: {
      allSuites: () => (suite === undefined ? [] : [{ fullName: suite, errors: () => ['broken'] }]),
      allTests: () =>
        states.map((each, index) => ({ fullName: `test ${index + 1}`, result: () => ({ state: each }) })),
    },
  };
}

test('tests are counted over all files', () => {
  const run = tally([ended('a', ['passed', 'failed']), ended('b', ['passed', 'skipped'])], 0);
  expect(countLine(run)).toBe('2 passed, 1 failed, 1 skipped');
  expect(run.broken).toEqual([]);
});

test('a file that could not be loaded or set up counts as failed', () => {
  const run = tally([ended('a', [], { state: 'failed' }), ended('b', ['skipped'], { state: 'failed' })], 0);
  expect(run).toMatchObject({ failed: 2, broken: ['a', 'b'] });
});

test('a suite that could not be set up counts as failed, beside the tests that did', () => {
  const run = tally([ended('a', ['failed', 'skipped'], { brokenSuite: 'a suite' })], 0);
  expect(run).toMatchObject({ failed: 2, skipped: 1, broken: ['a > a suite'] });
});

test('an error outside of any test counts as failed', () => {
  expect(tally([ended('a', ['passed'])], 2)).toMatchObject({ passed: 1, failed: 2 });
});

test('a test that never ended counts as failed, and so does its file when it has none', () => {
  expect(tally([ended('a', ['pending'], { state: 'pending' })], 0).failed).toBe(1);
  expect(tally([ended('a', [], { state: 'queued' })], 0).failed).toBe(1);
});

test('the ten slowest files are told, the slowest first', () => {
  const modules = Array.from({ length: 12 }, (_, index) => ended(`file ${index}`, ['passed'], { ms: index }));
  const { slowest } = tally(modules, 0);
  expect(slowest).toHaveLength(10);
  expect(slowest[0]).toEqual({ file: 'file 11', ms: 12 });
});

test('skipped tests are named with the reason that their file gave', () => {
  const reporter = countReporter();
  const content = 'SKIPPED – Not installed, needed for interop tests: ideviceinfo\nsomething else\n';
  reporter.onUserConsoleLog?.({ content, type: 'stderr', time: 0, size: 0 });
  const lines = describeTally(tally([ended('a', ['skipped'])], 0), reporter.reasons);
  expect(lines).toContain('SKIPPED: 1 tests did not run.');
  expect(lines).toContain('  SKIPPED – Not installed, needed for interop tests: ideviceinfo');
  expect(lines).toContain('  a > test 1');
  expect(lines.join('\n')).not.toContain('something else');
});

test('of many skipped tests in one file only the first are named, and all are counted', () => {
  const run = tally([ended('a', new Array<'skipped'>(28).fill('skipped')), ended('b', ['skipped'])], 0);
  expect(run.skipped).toBe(29);
  expect(run.skips).toHaveLength(7);
  expect(run.skips[5]).toBe('a > … and 23 more');
});
