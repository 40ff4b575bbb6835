import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../state/write-durably.ts';

/** UDIDs are 40 hex digits, or 8 and 16 with a dash; nothing else becomes a file name. */
const RECORD_NAME = /^[0-9A-Za-z-]{1,64}$/;

/** usbmuxd refuses less. Source: usbmuxd, `src/client.c`, `SavePairRecord`. */
const RECORD_BYTES_MIN = 8;

/**
 * What the computer of a simulated phone remembers: its own identifier and the pair records that
 * clients leave with the multiplexer. Records are opaque: clients write XML or binary as they like.
 */
export interface PairRecords {
  /** The computer's identifier, an upper-case UUID. */
  readonly systemBUID: string;
  read(udid: string): Promise<Uint8Array | undefined>;
  /** @returns false if the name or the record cannot be one */
  save(udid: string, record: Uint8Array): Promise<boolean>;
  /** @returns false if there was none */
  remove(udid: string): Promise<boolean>;
}

export function memoryPairRecords(): PairRecords {
  const records = new Map<string, Uint8Array>();
  return {
    systemBUID: randomUUID().toUpperCase(),
    read: async (udid) => records.get(udid),
    save: async (udid, record) => {
      if (!isUsable(udid, record)) return false;
      records.set(udid, record);
      return true;
    },
    remove: async (udid) => records.delete(udid),
  };
}

/** Keeps records as `<folder>/<UDID>.plist`, like `/var/lib/lockdown`, readable by their owner only. */
export async function openPairRecordFolder(folder: string): Promise<PairRecords> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (udid: string): string => join(folder, `${udid}.plist`);
  const read = (udid: string) => (RECORD_NAME.test(udid) ? readIfThere(fileOf(udid)) : undefined);
  return {
    systemBUID: await openSystemBUID(join(folder, 'system-buid')),
    read: async (udid) => read(udid),
    save: async (udid, record) => {
      if (!isUsable(udid, record)) return false;
      await writeFileDurably(fileOf(udid), record);
      return true;
    },
    remove: async (udid) => {
      if ((await read(udid)) === undefined) return false;
      await rm(fileOf(udid), { force: true });
      return true;
    },
  };
}

async function openSystemBUID(file: string): Promise<string> {
  const kept = await readIfThere(file);
  if (kept !== undefined) return Buffer.from(kept).toString('utf8');
  const made = randomUUID().toUpperCase();
  await writeFileDurably(file, Buffer.from(made));
  return made;
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isUsable(udid: string, record: Uint8Array): boolean {
  return RECORD_NAME.test(udid) && record.length >= RECORD_BYTES_MIN;
}
