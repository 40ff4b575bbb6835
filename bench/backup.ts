import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MeasuredRun, measuredRun } from './phone/measured-run.ts';
import type { PhoneWish } from './phone/simulated-phone.ts';
import { type StartedPhone, startPhone } from './phone/start-phone.ts';

const ROOT = join(import.meta.dirname, '..');
const OURS = [
  process.execPath,
  join(ROOT, 'apps', 'cli', 'dist', 'program', 'main.js'),
  'backup',
  '--json',
  '--folder',
];
const THEIRS = ['idevicebackup2', 'backup'];

interface Case {
  readonly title: string;
  readonly phone: PhoneWish;
  /** Measured is the second backup, after this fraction of the files has changed. */
  readonly changed?: number;
  readonly goal: number;
}

const CASES: readonly Case[] = [
  { title: '(a) 2 GiB in files of 1 MiB', phone: { files: 2048, bytesEach: 1024 * 1024 }, goal: 1.0 },
  { title: '(b) 50,000 files of 8 KiB', phone: { files: 50_000, bytesEach: 8192 }, goal: 1.5 },
  {
    title: '(c) 1 % of 100,000 files of 8 KiB changed',
    phone: { files: 100_000, bytesEach: 8192 },
    changed: 0.01,
    goal: 1.5,
  },
];

/** Pairs of runs, ours and theirs in turn; the median of their ratios counts. */
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 3);

/**
 * Our client and Debian's `idevicebackup2` back up the same simulated phone, in turn, into fresh folders
 * on the same disk. A ratio above 1 means that ours takes less time.
 */
export async function run(): Promise<void> {
  const wanted = process.env['BENCH_CASES'] ?? 'abc';
  console.log('case · client · wall s · client CPU s · phone CPU s · client peak MB');
  for (const each of CASES) if (wanted.includes(each.title[1] ?? '')) await measure(each);
}

async function measure(each: Case): Promise<void> {
  console.log(`\n${each.title}`);
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-bench-'));
  const phone = await startPhone(each.phone);
  try {
    const bench = { each, folder, phone, env: { ...phone.env, ROOTCELLAR_DATA: folder } };
    const ratios: number[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const ours = await measureClient(bench, 'rootcellar', OURS);
      const theirs = await measureClient(bench, 'idevicebackup2', THEIRS);
      ratios.push(theirs.wallSeconds / ours.wallSeconds);
    }
    ratios.sort((a, b) => a - b);
    const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
    console.log(
      `  ratio ${median.toFixed(2)} (goal ${each.goal.toFixed(1)}), of ${ratios.map((r) => r.toFixed(2)).join(', ')}`,
    );
  } finally {
    await phone.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly each: Case;
  readonly folder: string;
  readonly phone: StartedPhone;
  readonly env: Readonly<Record<string, string>>;
}

async function measureClient(bench: Bench, name: string, command: readonly string[]): Promise<MeasuredRun> {
  const { each, folder, phone, env } = bench;
  const target = join(folder, name);
  await mkdir(target, { recursive: true });
  if (each.changed !== undefined) {
    await measuredRun([...command, target], env);
    await phone.ask({ change: each.changed });
  }
  await settle();
  const before = await phone.ask({ cpu: true });
  const run = await measuredRun([...command, target], env);
  const phoneCpu = (await phone.ask({ cpu: true })) - before;
  const numbers = [run.wallSeconds, run.cpuSeconds, phoneCpu].map((value) => value.toFixed(1).padStart(6));
  console.log(`  ${name.padEnd(15)} ${numbers.join(' ')} ${(run.peakBytes / 1e6).toFixed(0).padStart(6)}`);
  await rm(target, { recursive: true });
  return run;
}

/** What an earlier run left for the disk to do must not be paid by the next. */
async function settle(): Promise<void> {
  await measuredRun(['sync'], {});
}
