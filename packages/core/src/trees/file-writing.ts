import { closeSync, constants, writevSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { treeErrorFor } from './disk-errors.ts';

/** Pieces are gathered to this much before they are written: connections give 16 KiB at a time. */
const GATHERED_BYTES = 1024 * 1024;

/** A file that is whole within this much is written at once, without a detour over other threads. */
const SMALL_FILE_BYTES = 256 * 1024;

/** Never through a link: the file was made by us a moment ago. */
const APPENDING = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/** The system takes no more buffers than this in one call. Source: POSIX, IOV_MAX on Linux and macOS. */
const BUFFERS_MAX = 1024;

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Writes a new file.
 *
 * @param openNew makes the file and gives its descriptor; called once, when the first bytes are there
 * @throws `tree.disk-full` …; whatever `content` throws: the file then has a part of its content
 */
export async function writeFile(file: string, openNew: () => number, content: Pieces): Promise<void> {
  const source = asyncIterator(content);
  const gathered: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  try {
    while (!ended && bytes <= SMALL_FILE_BYTES) {
      const next = await source.next();
      if (next.done) ended = true;
      else {
        gathered.push(next.value);
        bytes += next.value.length;
      }
    }
  } finally {
    writeAtOnce(openNew(), gathered);
  }
  if (!ended) await appendRest(file, source);
}

function writeAtOnce(descriptor: number, pieces: readonly Uint8Array[]): void {
  try {
    for (let rest = pieces; rest.length > 0; ) {
      const some = rest.slice(0, BUFFERS_MAX);
      rest = [...leftOf(some, writevSync(descriptor, some)), ...rest.slice(BUFFERS_MAX)];
    }
  } catch (error) {
    throw treeErrorFor(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads on while the last megabyte is on its way to the disk. */
async function appendRest(file: string, source: AsyncIterator<Uint8Array>): Promise<void> {
  const handle = await open(file, APPENDING).catch((error: unknown) => {
    throw treeErrorFor(error);
  });
  let writing: Promise<void> = Promise.resolve();
  try {
    let gathered: Uint8Array[] = [];
    let bytes = 0;
    for (let next = await source.next(); !next.done; next = await source.next()) {
      gathered.push(next.value);
      bytes += next.value.length;
      if (bytes < GATHERED_BYTES && gathered.length < BUFFERS_MAX) continue;
      await writing;
      writing = append(handle, gathered);
      writing.catch(() => {}); // It is awaited soon; until then it must not count as unhandled.
      gathered = [];
      bytes = 0;
    }
    await writing;
    await append(handle, gathered);
  } finally {
    await writing.catch(() => {});
    await handle.close();
  }
}

async function append(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  try {
    for (let rest = pieces; rest.length > 0; ) {
      rest = leftOf(rest, (await handle.writev([...rest])).bytesWritten);
    }
  } catch (error) {
    throw treeErrorFor(error);
  }
}

/** What of some buffers is not written yet: a disk may take less than it was given. */
function leftOf(pieces: readonly Uint8Array[], writtenBytes: number): readonly Uint8Array[] {
  let skipped = writtenBytes;
  for (const [index, piece] of pieces.entries()) {
    if (skipped < piece.length) return [piece.subarray(skipped), ...pieces.slice(index + 1)];
    skipped -= piece.length;
  }
  return [];
}

async function* overSync<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

function asyncIterator(items: Pieces): AsyncIterator<Uint8Array> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : overSync(items);
}
