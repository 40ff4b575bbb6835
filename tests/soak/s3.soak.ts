import { killTwoWriters, type TwoWritersTally } from '../crash/two-writers.ts';
import { startCeph } from '../interop/ceph-cluster.ts';

const ROUNDS = Number(process.env['ROOTCELLAR_ROUNDS'] ?? 40);
const SAID_EVERY = 5;

/**
 * Two computers store backups into one vault in a bucket of Ceph at once, and are killed; so are the server and who
 * prunes. In the end stock restic reads every byte, and all finished backups come back.
 */
export async function run(): Promise<void> {
  const seed = process.env['ROOTCELLAR_SEED'] ?? new Date().toISOString();
  console.log(`s3: seed ${seed}; ROOTCELLAR_SEED repeats it`);
  const startedAt = performance.now();
  const ceph = await startCeph();
  console.log(`Ceph is up after ${seconds(startedAt)} s`);
  const onRound = (round: number, { finished }: TwoWritersTally): void => {
    if (round % SAID_EVERY === 0)
      console.log(`${round} rounds, ${seconds(startedAt)} s: ${finished} backups, nothing was lost`);
  };
  try {
    const { finished, endings } = await killTwoWriters({ ceph, seed, rounds: ROUNDS, onRound });
    console.log(`${ROUNDS} rounds, seed ${seed}, ${seconds(startedAt)} s; restic has read all of it`);
    console.log(`${finished} finished backups came back to the byte, by restic and by us; how runs ended:`);
    for (const [line, times] of [...endings].sort()) console.log(`  ${String(times).padStart(4)}  ${line}`);
  } finally {
    await ceph.close();
  }
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}
