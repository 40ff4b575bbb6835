import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { cutManyRuns } from './cut-many-runs.ts';

const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const SYSTEMS = ['12.5.7', '15.8', '17.6.1', '18.7', '26.1', '27.0'];
const CUTS_PER_JOURNEY = 3;

/** Two systems, another two tomorrow. `npm run soak -- cut` does the same five hundred times, on all of them. */
test(`a run that is killed, unplugged or restarted harms nothing, and the next one completes (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const first = random.pick(SYSTEMS);
  const second = random.pick(SYSTEMS.filter((ios) => ios !== first));
  const { cuts } = await cutManyRuns({
    seed: SEED,
    systems: [first, second],
    cutsPerJourney: CUTS_PER_JOURNEY,
  });
  expect(cuts).toBe(12);
});
