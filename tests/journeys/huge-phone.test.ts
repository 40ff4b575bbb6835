import { expect, test } from 'vitest';
import { backUpHuge } from '../soak/huge/back-up-huge.ts';

const MIB = 2 ** 20;

/** Whatever holds on to what it received would grow by a gigabyte. */
const CLIENT_BYTES_MAX = 300 * MIB;

/** The heap of Node settles while the first hundred megabytes arrive. */
const GROWTH_MAX = 1.6;

test('a phone of any size is backed up in the same memory: 4,700 files, 1 GB', async () => {
  const run = await backUpHuge('huge:64');
  expect(run.bytes).toBeGreaterThan(900e6);
  expect(run.peakRss).toBeLessThan(CLIENT_BYTES_MAX);
  expect(run.lateRss / run.earlyRss).toBeLessThan(GROWTH_MAX);
});
