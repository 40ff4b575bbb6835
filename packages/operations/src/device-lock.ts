import { link, mkdir, open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { operationError } from './errors.ts';

/** Who works with a phone. Kept as JSON in a file under the data folder, one for each phone. */
interface Holder {
  readonly pid: number;
  /** Tells a process of before a restart of the machine from one with the same number now. */
  readonly bootID: string;
  readonly operation: string;
}

/** A lock that is found stale is taken over; if others do the same, each tries again this often. */
const TRIES = 5;

/**
 * One operation per phone at a time, also between programs.
 *
 * @param options.dataFolder where all state is kept
 * @returns how to give the lock back
 * @throws `operation.device-busy`
 */
export async function lockDevice(options: {
  readonly dataFolder: string;
  readonly udid: string;
  readonly operation: string;
}): Promise<() => Promise<void>> {
  const { dataFolder, udid, operation } = options;
  const folder = join(dataFolder, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${udid}.lock`);
  const holder: Holder = { pid: process.pid, bootID: await readBootID(), operation };
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await claim(file, holder)) return () => release(file, holder);
    const other = await readHolder(file);
    if (other !== undefined && isAlive(other, holder.bootID)) {
      throw operationError('device-busy', { operation: other.operation, pid: other.pid });
    }
    await setAside(file, other);
  }
  throw operationError('device-busy', { operation: 'unknown' });
}

/** Makes the lock with its content in one step, so that nobody reads half of it. */
async function claim(file: string, holder: Holder): Promise<boolean> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(holder));
    await handle.sync();
    await link(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await handle.close();
    await unlink(draft);
  }
}

async function release(file: string, holder: Holder): Promise<void> {
  if (same(await readHolder(file), holder)) await rm(file, { force: true });
}

/** Takes a stale lock away; puts it back if somebody has made a new one in the meantime. */
async function setAside(file: string, stale: Holder | undefined): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  try {
    await rename(file, aside);
    if (!same(await readHolder(aside), stale)) await link(aside, file);
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'EEXIST')) throw error;
  }
  await rm(aside, { force: true });
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, bootID, operation }: { pid?: unknown; bootID?: unknown; operation?: unknown } = value;
    if (typeof pid !== 'number' || typeof bootID !== 'string' || typeof operation !== 'string')
      return undefined;
    return { pid, bootID, operation };
  } catch {
    return undefined; // Gone, or unreadable: nobody holds it.
  }
}

function isAlive(holder: Holder, bootID: string): boolean {
  if (holder.bootID !== bootID) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function same(a: Holder | undefined, b: Holder | undefined): boolean {
  return a?.pid === b?.pid && a?.bootID === b?.bootID && a?.operation === b?.operation;
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
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
