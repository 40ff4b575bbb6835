import { fuzz, openTargets } from '../fuzz/fuzz.ts';

const CASES = Number(process.env['ROOTCELLAR_CASES'] ?? 1_000_000);
const SAID_EVERY = 50_000;

/** A million spoilt conversations, with our client and with the simulator. */
export async function run(): Promise<void> {
  const seed = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString();
  console.log(`fuzz: seed ${seed}; ROOTCELLAR_SEED repeats it`);
  const startedAt = performance.now();
  const targets = await openTargets();
  const tally = await fuzz({
    seed,
    cases: CASES,
    targets,
    onCase: (done) => {
      if (done % SAID_EVERY !== 0) return;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      const rss = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
      console.log(`${done} cases, ${seconds} s, ${rss} MiB: each ended in a value or a typed error`);
    },
  });
  console.log(`${CASES} cases, seed ${seed}; how they ended:`);
  for (const [name, endings] of tally) {
    const ordered = [...endings].sort(([, a], [, b]) => b - a);
    console.log(`  ${name}: ${ordered.map(([ending, times]) => `${times} ${ending}`).join(', ')}`);
  }
}
