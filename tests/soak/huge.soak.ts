import { backUpHuge, type Sample } from './huge/back-up-huge.ts';

const PROFILE = process.env['ROOTCELLAR_PROFILE'] ?? 'huge';
const SAID_EVERY_S = 30;
const MIB = 2 ** 20;

/** Backs up 300,000 files with 64 GB that are made while they are read, and watches the memory of both sides. */
export async function run(): Promise<void> {
  let nextS = 0;
  const tell = (sample: Sample): void => {
    if (sample.seconds < nextS) return;
    nextS = sample.seconds + SAID_EVERY_S;
    console.log(
      `${sample.seconds.toFixed(0)} s, ${sample.phase}: ${(sample.bytes / 1e9).toFixed(2)} GB, client ${mib(sample.rss)}`,
    );
  };
  const run = await backUpHuge(PROFILE, tell);
  console.log(`${PROFILE}: ${(run.bytes / 1e9).toFixed(2)} GB in ${run.seconds.toFixed(0)} s`);
  console.log(`  rate while receiving   ${(run.bytesPerSecond / 1e6).toFixed(0)} MB/s`);
  console.log(`  client, first third    ${mib(run.earlyRss)}`);
  console.log(`  client, last third     ${mib(run.lateRss)}`);
  console.log(`  client, at most        ${mib(run.peakRss)}`);
  if (run.phonePeakRss !== undefined) console.log(`  phone, at most         ${mib(run.phonePeakRss)}`);
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
