import { Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { type Backup, LocalNames, type ManifestEntry, safeSegments } from '@rootcellar/backup';
import { KnownError } from '@rootcellar/core';
import { operationError } from '../errors.ts';
import { centralHeader, dataDescriptor, endOfZip, localHeader, type ZipEntry } from './zip-records.ts';

/** Photos and films do not get smaller; the rest gets small enough. */
const DEFLATE_LEVEL = 1;

/** Where the size that the list of files says could still be wrong by as much as anybody has seen. */
const ZIP64_FROM_BYTES = 2 ** 31;
const BYTES_MAX_WITHOUT_ZIP64 = 2 ** 32 - 2;

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
    yield* writer.file({ name, modifiedAt, isZip64: sizeBytes >= ZIP64_FROM_BYTES }, content);
  }
  if (leftOut.length > 0) {
    const file = { name: LEFT_OUT_NAME, modifiedAt: new Date(0), isZip64: false };
    yield* writer.file(file, [Buffer.from(leftOut.join(''))]);
  }
  yield* writer.end();
}

class ZipWriter {
  readonly #entries: ZipEntry[] = [];
  #offset = 0;

  async *file(
    about: { readonly name: string; readonly modifiedAt: Date; readonly isZip64: boolean },
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { modifiedAt, isZip64 } = about;
    const begun = { name: Buffer.from(about.name), modifiedAt, isZip64, offset: this.#offset };
    yield this.#count(localHeader(begun));
    const packedFrom = this.#offset;
    const seen = { crc: 0, bytes: 0 };
    const plain = Readable.from(counted(content, seen, isZip64), { objectMode: false });
    const deflate = createDeflateRaw({ level: DEFLATE_LEVEL });
    plain.on('error', (error) => deflate.destroy(error));
    try {
      for await (const piece of plain.pipe(deflate)) yield this.#count(piece);
    } finally {
      plain.destroy();
      deflate.destroy();
    }
    const entry: ZipEntry = { ...begun, ...seen, packedBytes: this.#offset - packedFrom };
    yield this.#count(dataDescriptor(entry));
    this.#entries.push(entry);
  }

  *end(): Generator<Uint8Array> {
    const offset = this.#offset;
    for (const entry of this.#entries) yield this.#count(centralHeader(entry));
    yield endOfZip(this.#entries.length, { offset, bytes: this.#offset - offset });
  }

  #count<Piece extends Uint8Array>(piece: Piece): Piece {
    this.#offset += piece.length;
    return piece;
  }
}

async function* counted(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seen: { crc: number; bytes: number },
  isZip64: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    seen.crc = crc32(piece, seen.crc);
    seen.bytes += piece.length;
    if (!isZip64 && seen.bytes > BYTES_MAX_WITHOUT_ZIP64) throw operationError('zip-entry-too-large');
    yield piece;
  }
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
