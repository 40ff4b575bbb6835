import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { serviceError } from './errors.ts';
import { isOurs, type ServiceCommand, type ServiceFile } from './service-file.ts';

/** Runs one command. @returns its exit code; `undefined` if there is no such program */
export type RunServiceCommand = (words: readonly string[]) => Promise<number | undefined>;

/** What was done, and what is left for the person to type. */
export interface ServiceChange {
  readonly file: 'written' | 'kept' | 'removed' | 'absent';
  /** Commands that were not there or said no, and those that would have come after them. */
  readonly toType: readonly (readonly string[])[];
}

/** Largest description that is ours; more is somebody else's. */
const FILE_CHARACTERS_MAX = 64 * 1024;

/**
 * Writes a service down and starts it. Doing it twice changes nothing and disturbs nothing that runs.
 * @throws `service.file-foreign` if there is another file in its place
 */
export async function installService(service: ServiceFile, run: RunServiceCommand): Promise<ServiceChange> {
  const before = await readOurs(service);
  if (before === service.text) return { file: 'kept', toType: await runAll(service.keep, run) };
  await writeWhole(service);
  return { file: 'written', toType: await runAll(service.begin, run) };
}

/**
 * Ends a service and removes its file, if `installService` wrote it.
 * @throws `service.file-foreign`
 */
export async function removeService(service: ServiceFile, run: RunServiceCommand): Promise<ServiceChange> {
  if ((await readOurs(service)) === undefined) return { file: 'absent', toType: [] };
  const left = await runAll(service.end, run);
  await rm(service.path);
  return { file: 'removed', toType: [...left, ...(await runAll(service.forget, run))] };
}

async function readOurs({ path }: ServiceFile): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (text.length > FILE_CHARACTERS_MAX || !isOurs(text)) throw serviceError('file-foreign');
  return text;
}

/** It may hold the address of a socket and of folders: for nobody else to read. */
async function writeWhole({ path, text }: ServiceFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** One after the other, up to the first that does not work. @returns what is left */
async function runAll(
  commands: readonly ServiceCommand[],
  run: RunServiceCommand,
): Promise<readonly (readonly string[])[]> {
  for (const [index, { words, mayFail }] of commands.entries()) {
    const exitCode = await run(words);
    if (exitCode === undefined || (exitCode !== 0 && !mayFail))
      return commands.slice(index).map((command) => command.words);
  }
  return [];
}
