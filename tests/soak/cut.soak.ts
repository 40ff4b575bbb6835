import { cutManyRuns } from '../crash/cut-many-runs.ts';

const SYSTEMS = process.env['ROOTCELLAR_SYSTEMS']?.split(',') ?? [
  '12.5.7',
  '15.8',
  '17.6.1',
  '18.7',
  '26.1',
  '27.0',
];

/** Of backups, and as many of restores. */
const CUTS = Number(process.env['ROOTCELLAR_CUTS'] ?? 252);
const SAID_EVERY = 50;

/**
 * Cuts five hundred backups and restores, half of them each: by SIGKILL, by the cable, by a restart of the phone. After
 * each, what was there is whole and the next run completes.
 */
export async function run(): Promise<void> {
  const seed = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString();
  console.log(`cut: seed ${seed}; ROOTCELLAR_SEED repeats it`);
  const startedAt = performance.now();
  const { cuts, endings } = await cutManyRuns({
    seed,
    systems: SYSTEMS,
    cutsPerJourney: Math.ceil(CUTS / SYSTEMS.length),
    onCut: (soFar) => {
      if (soFar % SAID_EVERY === 0) console.log(`${soFar} cuts, ${seconds(startedAt)} s: nothing was lost`);
    },
  });
  console.log(`${cuts} cuts of backups and restores, seed ${seed}; how they ended:`);
  for (const [line, times] of [...endings].sort()) console.log(`  ${String(times).padStart(4)}  ${line}`);
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}
