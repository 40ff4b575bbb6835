import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stage } from '../stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'dist', 'program', 'main.js');

/** Far longer than any run against a small phone takes. */
const HANG_MS = 60_000;

/** Our command line in a process of its own. */
export interface RunningCommand {
  /** Its first word, or its end: node has started by then, and the work begins. */
  readonly begun: Promise<void>;
  /**
   * `done`, `SIGKILL`, or the code of the error it ended with.
   *
   * @throws if it hangs, or ends in a way that is none
   */
  readonly ended: Promise<string>;
  /** What it said last: at its end, how it ended. */
  last(): unknown;
  kill(): void;
}

export function startCommand(
  stage: Stage,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...args, '--jsonl'], {
    env: { ...process.env, ...stage.env, ...env, ROOTCELLAR_DATA: stage.dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '{}';
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
  });
  const ended = (async () => {
    const timer = setTimeout(() => child.kill('SIGABRT'), HANG_MS);
    const [exitCode, signal] = await once(child, 'close');
    clearTimeout(timer);
    if (signal === 'SIGKILL') return 'SIGKILL';
    if (signal !== null) throw new Error(`${args[0]} hung for ${HANG_MS} ms; its last word: ${last}`);
    const code = exitCode === 0 ? 'done' : JSON.parse(last).error?.code;
    if (typeof code !== 'string' || code === 'bug')
      throw new Error(`${args[0]} ended with ${exitCode}: ${last}`);
    return code;
  })();
  const begun = Promise.race([once(lines, 'line'), ended]).then(() => {});
  // Both are awaited later, perhaps after they have failed.
  ended.catch(() => {});
  begun.catch(() => {});
  return { begun, ended, last: () => JSON.parse(last), kill: () => void child.kill('SIGKILL') };
}
