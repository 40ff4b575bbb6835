import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a person does when they read something: types it, or ends the program by its id. */
export interface Reaction {
  readonly to: RegExp;
  readonly type?: string;
  readonly kill?: NodeJS.Signals;
}

export interface TerminalRun {
  readonly exitCode: number | null;
  /** All that was on the screen, with what moves the cursor. */
  readonly output: string;
}

/** Somebody who waits for something that is never asked is not waited for. */
const RUN_MS_MAX = 60_000;

/** Runs a program in a terminal, by `script` of util-linux. Each reaction happens once, in their order. */
export function runInTerminal(
  command: string,
  args: readonly string[],
  options: {
    readonly env: NodeJS.ProcessEnv;
    readonly folder: string;
    readonly reactions: readonly Reaction[];
  },
): Promise<TerminalRun> {
  const { env, folder, reactions } = options;
  const idFile = join(folder, 'terminal-pid');
  const quoted = [command, ...args].map((word) => `'${word}'`).join(' ');
  const line = `stty cols 100 rows 40; echo $$ > '${idFile}'; exec ${quoted}`;
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...process.env, ...env, TERM: 'xterm', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: RUN_MS_MAX,
      killSignal: 'SIGKILL',
    });
    const waiting = [...reactions];
    let output = '';
    let seen = 0;
    child.stdout.setEncoding('utf8').on('data', async (text: string) => {
      output += text;
      const [next] = waiting;
      const found = next?.to.exec(output.slice(seen));
      if (next === undefined || !found) return;
      waiting.shift();
      seen = output.length;
      if (next.type !== undefined) child.stdin.write(next.type);
      if (next.kill) process.kill(Number(await readFile(idFile, 'utf8')), next.kill);
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}
