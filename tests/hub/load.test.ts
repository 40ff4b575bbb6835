import { expect, test } from 'vitest';
import { runLoad } from './load/run-load.ts';

/* A tenth of what `npm run soak -- load` does. Times depend on the machine, so only counts and shares are judged. */
test.skipIf(process.platform !== 'linux')(
  'a hub with five phones, one backup after the other, and twenty pages answers everybody',
  async () => {
    const report = await runLoad({ phones: 5, backingUp: 1, listeners: 20, profile: 'tiny', seconds: 15 });
    expect(report).toMatchObject({ failed: 0, backupsFailed: 0, listenersLost: 0 });
    expect(report.requests).toBeGreaterThan(60);
    expect(report.backupsDone).toBeGreaterThan(0);
    // Everybody hears the same, but for what is on its way at the end.
    expect(report.heardLeast).toBeGreaterThan(5);
    expect(report.heardLeast).toBeGreaterThan(0.9 * report.heardMost);
    const [, middle, last] = report.thirdsRss;
    expect(last).toBeLessThan(1.5 * middle);
  },
);
