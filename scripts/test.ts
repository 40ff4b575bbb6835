import { startVitest } from 'vitest/node';
import { buildAll } from './build.ts';
import { countLine, countReporter, describeTally, type Tally } from './count-reporter.ts';
import { REPOSITORY } from './repository.ts';

/** A run that ended before a single test did. */
const NOTHING_RAN: Tally = { passed: 0, failed: 1, skipped: 0, broken: [], skips: [], slowest: [] };

/**
 * Builds everything and runs every test. Its last line is always `N passed, N failed, N skipped`.
 *
 * @param filters parts of file names, to run only some: `npm test -- tests/journeys`
 */
async function testAll(filters: readonly string[]): Promise<Tally> {
  if (!(await buildAll())) {
    console.log('\nIt does not build, so no test was run.');
    return NOTHING_RAN;
  }
  const reporter = countReporter();
  const vitest = await startVitest([...filters], {
    root: REPOSITORY,
    run: true,
    watch: false,
    reporters: ['dot', reporter],
  });
  await vitest.close();
  const { result } = reporter;
  if (result === undefined || (result.passed === 0 && result.failed === 0)) {
    console.log('\nNo test was run.');
    return NOTHING_RAN;
  }
  for (const line of describeTally(result, reporter.reasons)) console.log(line);
  return result;
}

const result = await testAll(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return NOTHING_RAN;
});
// Whatever a test left open must neither keep us here nor write after the last line.
process.stdout.write(`${countLine(result)}\n`, () => process.exit(result.failed === 0 ? 0 : 1));
