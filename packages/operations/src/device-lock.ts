import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { isErrno, isProcessRunning, minuteWords } from '@rootcellar/core';
import { z } from 'zod';
import { operationError } from './errors.ts';

/** Who works with a phone. */
interface Holder {
  readonly pid: number;
  /** Tells a process of before a restart of the machine from one with the same number now. */
  readonly bootID: string;
  readonly operation: string;
  /** For people; versions of before did not write these. */
  readonly host?: string | undefined;
  readonly since?: string | undefined;
}

const HOLDER: z.ZodType<Holder> = z.object({
  pid: z.number(),
  bootID: z.string(),
  operation: z.string(),
  host: z.string().optional(),
  since: z.string().optional(),
});

/** Whoever loses a race looks again; each time somebody else has won. */
const TRIES = 100;

const RELEASED = 'released';

/** Of the hash that stands for a folder. */
const PLACE_DIGITS = 16;

/**
 * One operation per phone at a time, also between programs.
 *
 * Each claim is a file of its own, `<name>.<number>.lock`, numbered on: the highest tells who holds the
 * phone. Making the next one succeeds for one claimant only, so that of many who find a claim of a
 * dead process exactly one takes over. A claim that is given back stays as a marker, because numbers
 * must never start again.
 *
 * @param work.dataFolder where all state is kept
 * @returns how to give the lock back
 * @throws `operation.device-busy`
 */
export function lockDevice({
  udid,
  ...claim
}: Work & { readonly udid: string }): Promise<() => Promise<void>> {
  return lock(udid, claim);
}

/** The same for a folder that is being made: two would tear it. Others may work with the phone meanwhile. */
export function lockFolder({
  folder,
  ...claim
}: Work & { readonly folder: string }): Promise<() => Promise<void>> {
  const place = createHash('sha256').update(folder).digest('hex');
  return lock(`folder-${place.slice(0, PLACE_DIGITS)}`, claim);
}

interface Work {
  readonly dataFolder: string;
  readonly operation: string;
}

async function lock(name: string, { dataFolder, operation }: Work): Promise<() => Promise<void>> {
  const folder = join(dataFolder, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw operationError('data-folder-unwritable', {}, error);
  });
  const bootID = await readBootID();
  const fileOf = (number: number) => join(folder, `${name}.${number}.lock`);

  for (let tries = 0; tries < TRIES; tries += 1) {
    const highest = await highestClaim(folder, name);
    const other = highest === 0 ? undefined : await readHolder(fileOf(highest));
    if (other !== undefined && isAlive(other, bootID)) {
      const { operation: busyWith, pid, host, since } = other;
      throw operationError('device-busy', { operation: busyWith, pid, host, since });
    }
    const mine = fileOf(highest + 1);
    const content = JSON.stringify(asHolder(bootID, operation));
    if (!(await makeWhole(mine, content))) continue;
    if ((await highestClaim(folder, name)) > highest + 1) {
      await unlink(mine); // The listing was older than a claim that others have made since.
      continue;
    }
    await removeBelow(folder, name, highest + 1);
    return () => giveBack(mine);
  }
  throw operationError('device-busy', { operation: 'unknown' });
}

function asHolder(bootID: string, operation: string): Holder {
  return { pid: process.pid, bootID, operation, host: hostname(), since: minuteWords(new Date()) };
}

/** 0 if there is none. */
async function highestClaim(folder: string, name: string): Promise<number> {
  return Math.max(0, ...(await claimsIn(folder, name)));
}

async function claimsIn(folder: string, name: string): Promise<readonly number[]> {
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}.`) && file.endsWith('.lock'),
  );
  return files
    .map((file) => Number(file.slice(name.length + 1, -'.lock'.length)))
    .filter(Number.isSafeInteger);
}

async function removeBelow(folder: string, name: string, number: number): Promise<void> {
  for (const claim of await claimsIn(folder, name)) {
    if (claim < number) await rm(join(folder, `${name}.${claim}.lock`), { force: true });
  }
}

/** A file with its content in one step, so that nobody reads half of it. @returns false if there is one */
async function makeWhole(file: string, content: string): Promise<boolean> {
  const draft = await writeDraft(file, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** Never fails: a claim that cannot be given back is that of a dead process when this one ends. */
async function giveBack(file: string): Promise<void> {
  try {
    await rename(await writeDraft(file, RELEASED), file);
  } catch {
    await rm(file, { force: true }).catch(() => {});
  }
}

async function writeDraft(file: string, content: string): Promise<string> {
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw operationError('data-folder-unwritable', {}, error);
  });
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}

/** `undefined` if nobody holds it: given back, gone, or unreadable. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return HOLDER.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder, bootID: string): boolean {
  return sameBoot(holder.bootID, bootID) && isProcessRunning(holder.pid);
}

/** Where the system has no name for its runs, ours is an estimate and may be off by a minute. */
function sameBoot(a: string, b: string): boolean {
  const [left, right] = [a, b].map((id) => Number(/^started-(\d+)$/.exec(id)?.[1]));
  if (left === undefined || right === undefined || Number.isNaN(left) || Number.isNaN(right)) return a === b;
  return Math.abs(left - right) <= 2;
}

/** A name for this run of the machine: new after each restart. */
export async function readBootID(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    // Elsewhere than on Linux: when the machine started, to the minute.
    return `started-${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
  }
}
