import { spawn } from 'node:child_process';

export interface ProgramRun {
  /** `null` if a signal ended it: also when it took too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

/** Handshakes of Debian's libimobiledevice sleep 100 ms each; a program that needs longer than this hangs. */
const RUN_MS_MAX = 30_000;

/** A program that writes more than this has lost its way. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Runs another program to its end, with nothing on its stdin. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? RUN_MS_MAX,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let output = '';
    const keep = (text: string): void => {
      output += text;
      if (output.length > OUTPUT_BYTES_MAX) child.kill('SIGKILL');
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, output }));
  });
}
