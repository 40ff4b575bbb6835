import { join } from 'node:path';
import { type ProgramRun, runProgram } from './interop/run-program.ts';
import type { Stage } from './stage.ts';

const PROGRAM = join(import.meta.dirname, '..', 'bin', 'rootcellar');

/** Runs the command line on the phone and the data folder of a stage. */
export function runRootcellar({ env, dataFolder }: Stage, args: readonly string[]): Promise<ProgramRun> {
  return runProgram(PROGRAM, args, { env: { ...env, ROOTCELLAR_DATA: dataFolder }, timeoutMs: 60_000 });
}
