import { spawn } from 'node:child_process';

/** What the operating system says of a finished process. */
export interface MeasuredRun {
  readonly exitCode: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly output: string;
}

/** Node does not tell what a child used; python3 does. */
const WAIT_AND_TELL = `
import json, os, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=2, stderr=2)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'exitCode': code, 'wallSeconds': time.monotonic() - began,
  'cpuSeconds': used.ru_utime + used.ru_stime, 'peakBytes': used.ru_maxrss * 1024}))
`;

/** Runs a command to its end. @throws if it does not end with 0 */
export function measuredRun(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', ['-c', WAIT_AND_TELL, ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-100_000);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      // Whoever was killed has told nothing.
      if (told === '')
        return reject(
          new Error(`${command[0]} was not measured: python3 ended with ${signal ?? code}:\n${output}`),
        );
      const run: MeasuredRun = { ...JSON.parse(told), output };
      if (run.exitCode === 0) return resolve(run);
      reject(new Error(`${command[0]} ended with ${run.exitCode}:\n${output}`));
    });
  });
}
