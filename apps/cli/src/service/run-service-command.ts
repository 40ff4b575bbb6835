import { spawn } from 'node:child_process';
import type { RunServiceCommand } from './install-service.ts';

/** Stopping waits for jobs to end in order. */
const COMMAND_TIMEOUT_MS = 90_000;

/**
 * What the program says goes to the terminal; stdout stays free for our own document.
 *
 * A signal, since the `timeout` of `spawn` keeps us waiting for a program that is not there (observed on Node 24).
 */
export const runServiceCommand: RunServiceCommand = ([program = '', ...args]) =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(COMMAND_TIMEOUT_MS);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], signal });
    child.once('error', (error) => {
      if ('code' in error && error.code === 'ENOENT') resolve(undefined);
      else if (signal.aborted) resolve(1);
      else reject(error);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
