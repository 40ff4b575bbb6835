import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'src', 'main.ts');

const READY_TIMEOUT_MS = 60_000;

/** `rootcellar` as people start it, in a process of its own. */
export interface Program<Ready> {
  /** What it says when it is ready: one JSON document. */
  readonly ready: Ready;
  readonly pid: number;
  /** Ends at once, without a chance to say or write anything. */
  kill(): Promise<void>;
  /** Ends as after Ctrl-C. */
  end(): Promise<void>;
}

/** @param options.within a program that starts the one that follows it, such as `unshare` */
export async function startProgram<Ready>(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly within?: readonly string[] } = {},
): Promise<Program<Ready>> {
  const node = [process.execPath, '--conditions=source', MAIN, ...args];
  const [command = '', ...rest] = [...(options.within ?? []), ...node];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  try {
    const ready = await firstDocument<Ready>(child);
    return {
      ready,
      pid: child.pid ?? 0,
      kill: () => endProcess(child, 'SIGKILL'),
      end: () => endProcess(child, 'SIGTERM'),
    };
  } catch (error) {
    await endProcess(child, 'SIGKILL');
    throw error;
  }
}

async function firstDocument<Ready>(child: ChildProcess): Promise<Ready> {
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-4000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const timer = setTimeout(() => reject(new Error(`It did not start.\n${errors}`)), READY_TIMEOUT_MS);
  child.once('exit', () => reject(new Error(`It ended.\n${errors}`)));
  let text = '';
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    text += line;
    const document = wholeDocument(text);
    if (document === undefined) return;
    if ('error' in document) reject(new Error(`It cannot start: ${text}`));
    else resolve(document as Ready);
  });
  return promise.finally(() => clearTimeout(timer));
}

/** `undefined` while there is more of it to come. */
function wholeDocument(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
