import { type Backup, LocalNames, type ManifestEntry, safeSegments } from '@rootcellar/backup';
import { KnownError } from '@rootcellar/core';
import { ZipWriter } from './zip-writer.ts';

/** Lists what could not be read; its name is no domain of a phone. */
const LEFT_OUT_NAME = '_left-out.txt';

/**
 * Files of a backup as a ZIP, made while it is read: nothing is held in memory. Names are made safe for every file
 * system, and no two are the same. A file that cannot be opened is named in `_left-out.txt`, at the end.
 *
 * @throws what reading throws in the middle of a file: the ZIP then has no end, and nobody takes it for whole
 */
export async function* zipFiles(
  backup: Pick<Backup, 'read'>,
  entries: Iterable<ManifestEntry>,
): AsyncGenerator<Uint8Array> {
  const writer = new ZipWriter();
  const names = new LocalNames();
  const leftOut: string[] = [];
  for (const entry of entries) {
    const segments = safeSegments(entry.domain, entry.relativePath);
    const content = await opened(backup.read(entry));
    if (content instanceof KnownError) {
      leftOut.push(`${segments.join('/')}: ${content.happened}\n`);
      continue;
    }
    const folder = segments.slice(0, -1).join('/');
    const name = names.candidates(folder, segments.at(-1) ?? entry.fileID).next().value;
    const { modifiedAt = new Date(0), sizeBytes = 0 } = entry;
    yield* writer.file({ name, modifiedAt, sizeBytes }, content);
  }
  if (leftOut.length > 0) {
    const file = { name: LEFT_OUT_NAME, modifiedAt: new Date(0), sizeBytes: 0 };
    yield* writer.file(file, [Buffer.from(leftOut.join(''))]);
  }
  yield* writer.end();
}

/** Reads the first piece, to know whether it can be read at all. */
async function opened(content: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | KnownError> {
  const iterator = content[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    return resumed(first, iterator);
  } catch (error) {
    if (error instanceof KnownError) return error;
    throw error;
  }
}

async function* resumed(
  first: IteratorResult<Uint8Array>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
