import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** Reading 75 MB takes it two seconds; one that needs longer than this waits for something that never comes. */
const RUN_MS_MAX = 120_000;

/** Debian's restic, with the vault of one phone. @returns what it wrote to stdout; throws unless it ends with 0 */
export type StockRestic = (...args: readonly string[]) => Promise<string>;

export interface VaultOfPhone {
  readonly dataFolder: string;
  readonly udid: string;
}

/** Restic, as somebody would use it who has a vault and its key, and not our program. */
export function stockRestic({ dataFolder, udid }: VaultOfPhone): StockRestic {
  return async (...args) => {
    const password = (await readFile(join(dataFolder, 'keys', udid), 'utf8')).trim();
    const env = { RESTIC_PASSWORD: password, RESTIC_REPOSITORY: join(dataFolder, 'vaults', udid) };
    const run = await runProgram('restic', ['--no-cache', ...args], { env, timeoutMs: RUN_MS_MAX });
    if (run.exitCode !== 0) throw new Error(`restic ${args.join(' ')} failed:\n${run.output}`);
    return run.stdout;
  };
}
