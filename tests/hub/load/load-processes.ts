import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(REPOSITORY, 'apps', 'cli', 'src', 'main.ts');

/** As `bin/rootcellar` starts it, but from its source. */
const FLAGS = [
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=4',
  '--heap-growing-percent=100',
];

export interface OtherProcess {
  readonly pid: number;
  /** What it writes on stdout, from the second line on. */
  readonly lines: readonly string[];
  /** Asks it to end. @returns when it has */
  end(): Promise<void>;
}

/** Starts a program of ours, and waits for its first line. */
export async function startProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<OtherProcess & { readonly first: string }> {
  const child = spawn(process.execPath, [...FLAGS, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const [first] = await Promise.race([
    once(reader, 'line'),
    ended.then(() => Promise.reject(new Error(`It ended with ${child.exitCode}: ${args.join(' ')}`))),
  ]);
  reader.on('line', (line) => lines.push(line));
  return { pid: child.pid ?? 0, lines, first: String(first), end: () => endProcess(child, ended) };
}

export const startProgram = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  startProcess([MAIN, ...args], env);

async function endProcess(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(timer);
}

/** Resident memory of a process, as Linux tells it. */
export async function rssOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}
