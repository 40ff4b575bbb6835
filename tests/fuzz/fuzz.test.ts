import { beforeAll, expect, test } from 'vitest';
import { type FuzzTarget, fuzz, openTargets } from './fuzz.ts';

const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);
const CASES = 20_000;

let targets: readonly FuzzTarget[];
beforeAll(async () => {
  targets = await openTargets();
});

/** `npm run soak -- fuzz` does a million. */
test(`spoilt conversations end in a value or a typed error, on both sides (seed ${SEED})`, async () => {
  const tally = await fuzz({ seed: SEED, cases: CASES, targets });
  expect(tally.size).toBe(targets.length);
});
