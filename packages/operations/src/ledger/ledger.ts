import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataState } from '@rootcellar/core';

/** `did-not-happen`: nothing was begun, for the reason given. */
export type LedgerOutcome = 'done' | 'failed' | 'cancelled' | 'interrupted' | 'did-not-happen';

/** A run that happened, or one that did not. Names of people and phones are not in it. */
export interface LedgerEntry {
  readonly id: string;
  /** When it ended, or when it should have begun; ISO 8601, as `startedAt`. */
  readonly at: string;
  readonly startedAt?: string | undefined;
  readonly by: 'command-line' | 'hub' | 'automatic';
  /** `backup`, `restore`, `encryption` … */
  readonly operation: string;
  /** Absent where nobody knows which device was meant. */
  readonly udid?: string | undefined;
  readonly outcome: LedgerOutcome;
  /** Code of the error, or of what stood in the way. */
  readonly reason?: string | undefined;
  readonly happened?: string | undefined;
  readonly yourData?: string | undefined;
  readonly next?: string | undefined;
  readonly dataState?: DataState | undefined;
  readonly files?: number | undefined;
  readonly bytes?: number | undefined;
}

/** Then a new file is begun: about twenty thousand entries. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

/** Full files that are kept besides the one that is written. */
const OLD_FILES_MAX = 8;

const CURRENT = 'ledger.jsonl';
const OLD = /^ledger\.\d{4}.*\.jsonl$/;

/**
 * Writes down a run. Command line and hub write the same file, `<data>/ledger.jsonl`: JSON, one entry to a line, each
 * written at once and flushed, so that programs that run side by side do not get into each other's lines.
 */
export async function appendToLedger(dataFolder: string, entry: LedgerEntry): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const path = join(dataFolder, CURRENT);
  await beginNewFile(dataFolder, path, entry.at);
  const file = await open(path, 'a', 0o600);
  try {
    // On a line of its own, also if whoever wrote before was killed in the middle of theirs.
    await file.write(`\n${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The entries, the newest first. Lines that cannot be read are passed over. */
export async function* readLedger(dataFolder: string): AsyncGenerator<LedgerEntry> {
  for (const name of [CURRENT, ...(await oldFiles(dataFolder)).reverse()]) {
    const text = await readFile(join(dataFolder, name), 'utf8').catch(() => '');
    const lines = text.split('\n');
    for (let at = lines.length - 1; at >= 0; at -= 1) {
      const entry = parseEntry(lines[at] ?? '');
      if (entry) yield entry;
    }
  }
}

async function beginNewFile(dataFolder: string, path: string, at: string): Promise<void> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size < FILE_BYTES_MAX) return;
  // Another program may do the same now: then one of the names gets a small file, and nothing is lost.
  await rename(path, join(dataFolder, `ledger.${at.replaceAll(':', '')}.${process.pid}.jsonl`)).catch(
    () => {},
  );
  const old = await oldFiles(dataFolder);
  for (const name of old.slice(0, Math.max(0, old.length - OLD_FILES_MAX))) {
    await rm(join(dataFolder, name), { force: true });
  }
}

/** The oldest first. */
async function oldFiles(dataFolder: string): Promise<string[]> {
  const names = await readdir(dataFolder).catch(() => []);
  return names.filter((name) => OLD.test(name)).sort();
}

function parseEntry(line: string): LedgerEntry | undefined {
  if (line === '') return undefined;
  try {
    const entry = JSON.parse(line) as Partial<LedgerEntry> | null;
    const isOne =
      typeof entry?.id === 'string' && typeof entry.at === 'string' && typeof entry.outcome === 'string';
    return isOne ? (entry as LedgerEntry) : undefined;
  } catch {
    return undefined; // The last line of a program that was killed.
  }
}
