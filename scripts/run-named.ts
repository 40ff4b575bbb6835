import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from './repository.ts';

/** A file that does one long piece of work when asked. It says on stdout what it found. */
interface Runnable {
  readonly run: () => Promise<void>;
}

/**
 * Runs the file of that name, or says which there are. Sets the exit code: 2 for a name that is none, 1 if it
 * fails.
 *
 * @param options.kind `soak` or `bench`, for the sentences
 */
export async function runNamed(options: {
  readonly kind: string;
  readonly files: ReadonlyMap<string, string>;
  readonly name: string | undefined;
}): Promise<void> {
  const { kind, files, name } = options;
  const path = name === undefined ? undefined : files.get(name);
  if (path === undefined) {
    console.error(listOf(options));
    process.exitCode = 2;
    return;
  }
  const startedAt = performance.now();
  try {
    const module: Partial<Runnable> = await import(pathToFileURL(join(REPOSITORY, path)).href);
    if (module.run === undefined) throw new Error(`${path} exports no function run()`);
    await module.run();
    console.log(`${kind} ${name}: done after ${seconds(startedAt)} s`);
  } catch (error) {
    console.error(error);
    console.error(`${kind} ${name}: FAILED after ${seconds(startedAt)} s`);
    process.exitCode = 1;
  }
}

/** What a person reads who gave no name, or a wrong one. */
export function listOf(options: {
  readonly kind: string;
  readonly files: ReadonlyMap<string, string>;
  readonly name: string | undefined;
}): string {
  const { kind, files, name } = options;
  const wrong = name === undefined ? [] : [`There is no ${kind} called ${name}.`];
  if (files.size === 0) return [...wrong, `There is no ${kind} yet.`].join('\n');
  const names = [...files].map(([each, path]) => `  ${each.padEnd(20)} ${path}`);
  return [...wrong, `npm run ${kind} -- NAME, where NAME is one of:`, ...names].join('\n');
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
