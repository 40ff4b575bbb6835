import { expect, test } from 'vitest';
import { isMissing } from '../interop/required-program.ts';
import { killVaultManyTimes } from './kill-vault.ts';

const SEED = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString().slice(0, 10);

/** Today so, tomorrow the other way. `npm run soak -- crash-vault` does the same two hundred times, both ways. */
const KEEP = Date.parse(SEED) % (2 * 24 * 60 * 60_000) === 0 ? 'small' : 'sealed';
const KILLS = { backup: 6, import: 2, prune: 2, repair: 2 };

test.skipIf(isMissing('restic'))(
  `a process that is killed leaves every backup whole, and the next one finishes its work (seed ${SEED}, ${KEEP})`,
  async () => {
    const { kills } = await killVaultManyTimes({ seed: SEED, keep: KEEP, kills: KILLS });
    expect(kills).toBe(12);
  },
);
