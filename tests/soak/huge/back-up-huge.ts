import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'dist', 'program', 'main.js');
const CLIENT = join(import.meta.dirname, 'client.ts');

/** The client at one moment. */
export interface Sample {
  readonly phase: string;
  readonly seconds: number;
  /** Content received so far. */
  readonly bytes: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

export interface HugeRun {
  readonly samples: readonly Sample[];
  /** Memory of the client while content arrived: the most of the first third of the bytes, and of the last. */
  readonly earlyRss: number;
  readonly lateRss: number;
  readonly peakRss: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly seconds: number;
  /** The most memory that the phone's process ever had; `undefined` where the system does not tell. */
  readonly phonePeakRss: number | undefined;
}

/**
 * Backs up a huge phone: the phone in one process, our client in another, which keeps no payload.
 *
 * @param profile `huge`, or a part of it: `huge:64`
 */
export async function backUpHuge(profile: string, onSample?: (sample: Sample) => void): Promise<HugeRun> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-huge-'));
  const simulator = start([MAIN, 'simulate', '--profile', profile, '--seed', 'huge']);
  try {
    const { tcp } = JSON.parse(await firstLine(simulator));
    const samples = await runClient([CLIENT, tcp, folder], onSample);
    return summarise(samples, peakRssOf(simulator));
  } finally {
    simulator.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The simulator has no output');
  const [line] = await once(createInterface({ input: stdout }), 'line');
  return String(line);
}

async function runClient(
  args: readonly string[],
  onSample: ((sample: Sample) => void) | undefined,
): Promise<readonly Sample[]> {
  const client = start(args);
  const samples: Sample[] = [];
  if (client.stdout === null) throw new Error('The client has no output');
  createInterface({ input: client.stdout }).on('line', (line) => {
    const sample: Sample = JSON.parse(line);
    samples.push(sample);
    onSample?.(sample);
  });
  try {
    const [exitCode] = await once(client, 'close');
    if (exitCode !== 0) throw new Error(`The client ended with ${exitCode}`);
    return samples;
  } finally {
    client.kill();
  }
}

function summarise(samples: readonly Sample[], phonePeakRss: number | undefined): HugeRun {
  const last = samples.at(-1);
  const receiving = samples.filter(({ phase }) => phase === 'receiving');
  const end = receiving.at(-1);
  const begin = receiving[0];
  if (!last || !begin || !end) throw new Error('Nothing was received');
  const most = (some: readonly Sample[]): number => Math.max(...some.map(({ rss }) => rss));
  return {
    samples,
    earlyRss: most(receiving.filter(({ bytes }) => bytes <= end.bytes / 3)),
    lateRss: most(receiving.filter(({ bytes }) => bytes >= (end.bytes * 2) / 3)),
    peakRss: most(samples),
    bytes: last.bytes,
    bytesPerSecond: (end.bytes - begin.bytes) / Math.max(0.001, end.seconds - begin.seconds),
    seconds: last.seconds,
    phonePeakRss,
  };
}

/** Source: Linux, `proc_pid_status(5)`, `VmHWM`. */
function peakRssOf({ pid }: ChildProcess): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
