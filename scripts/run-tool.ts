import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { REPOSITORY } from './repository.ts';

const INSTALLED = join(REPOSITORY, 'node_modules', '.bin');

export interface ToolRun {
  /** 0 is success; a signal that ended the program counts as 1. */
  readonly exitCode: number;
  /** What it wrote to both of its streams, in order; empty if it wrote to the terminal itself. */
  readonly output: string;
}

/**
 * Runs a program that `npm ci` installed, `node` among them, in the root of the repository. There is no time
 * limit: whoever waits sees what is running and can stop it.
 *
 * @param options.show lets it write to the terminal itself instead of keeping what it says
 */
export function runTool(
  tool: string,
  args: readonly string[],
  options: { readonly show?: boolean } = {},
): Promise<ToolRun> {
  const env = { ...process.env, PATH: `${INSTALLED}${delimiter}${process.env['PATH'] ?? ''}` };
  return new Promise((resolve, reject) => {
    const stdio = options.show ? 'inherit' : 'pipe';
    const child = spawn(tool, args, { cwd: REPOSITORY, env, stdio: ['ignore', stdio, stdio] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}
