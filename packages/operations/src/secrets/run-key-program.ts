import { spawn } from 'node:child_process';

export interface KeyProgramRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** Did it write to stderr? What it wrote may name things, so nobody reads it. */
  readonly hasComplained: boolean;
}

export interface KeyProgramOptions {
  /** Given on stdin. Arguments are seen by everybody on this computer: a secret is never one. */
  readonly input?: string | undefined;
  /** Whoever asks a person that is not there waits for ever. */
  readonly timeoutMs: number;
}

/** Far more than any secret; a program that writes more has lost its way. */
const OUTPUT_CHARACTERS_MAX = 64 * 1024;

/**
 * Runs a program of the operating system that keeps secrets.
 *
 * @returns `undefined` if it is not there, or did not end in time. One that ended is not waited for beyond that time, also if
 *   what it has started goes on
 */
export function runKeyProgram(
  program: string,
  args: readonly string[],
  { input = '', timeoutMs }: KeyProgramOptions,
): Promise<KeyProgramRun | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      // What it says must not depend on the language of whoever runs it.
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let hasComplained = false;
    const finish = (exitCode: number | null): void => {
      clearTimeout(timer);
      for (const stream of child.stdio) stream?.destroy();
      resolve(exitCode === null ? undefined : { exitCode, stdout, hasComplained });
    };
    // What it has started may hold on to its output for longer than it lives.
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish(child.exitCode);
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > OUTPUT_CHARACTERS_MAX) child.kill('SIGKILL');
    });
    child.stderr.on('data', () => {
      hasComplained = true;
    });
    child.once('error', () => finish(null));
    child.once('exit', (exitCode) => {
      if (exitCode === null) finish(null);
    });
    child.once('close', finish);
    // It may end before it has read everything; its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
