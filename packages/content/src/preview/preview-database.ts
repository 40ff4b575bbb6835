import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { ByteRange } from '@rootcellar/core';
import type { FilePreview } from './preview-file.ts';

/** Values as text; `null` is NULL. */
export interface DatabaseTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Photos.sqlite of 300,000 photos has 900 MB. */
const DATABASE_BYTES_MAX = 1024 * 1024 * 1024;

/** Far longer than fifty tables take. */
const TIME_MS_MAX = 5_000;

/** What the other process may tell. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Of its JavaScript. */
const HEAP_MEGABYTES = 64;

/** The same file before and after it is compiled. */
const READER = join(import.meta.dirname, `database-reader${extname(import.meta.filename)}`);

/**
 * Shows the tables of a foreign SQLite database. It is read in a process of its own, because nothing else can stop
 * SQLite: pages that lead round in a circle keep it busy for ever.
 */
export async function previewDatabase(
  read: (range?: ByteRange) => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<FilePreview> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcellar-preview-'));
  try {
    const path = join(folder, 'copy.sqlite');
    if (!(await copyTo(path, read(), signal))) return { kind: 'none', reason: 'too-large' };
    const tables = await readTables(path, signal);
    return tables === undefined ? { kind: 'none', reason: 'damaged' } : { kind: 'database', tables };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns false if it is too large */
async function copyTo(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      bytes += piece.length;
      if (bytes > DATABASE_BYTES_MAX) return false;
      await file.writeFile(piece);
    }
    return true;
  } finally {
    await file.close();
  }
}

/** `undefined` if it cannot be read, or not in time. */
async function readTables(
  path: string,
  signal: AbortSignal | undefined,
): Promise<readonly DatabaseTable[] | undefined> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, READER, path], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  });
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, TIME_MS_MAX);
  signal?.addEventListener('abort', kill, { once: true });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  child.stdout.on('data', (part: Uint8Array) => {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) kill();
    else parts.push(part);
  });
  try {
    if ((await ended) !== 0) return undefined;
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as readonly DatabaseTable[];
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  }
}
