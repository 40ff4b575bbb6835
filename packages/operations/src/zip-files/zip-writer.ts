import { Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { operationError } from '../errors.ts';
import { centralHeader, dataDescriptor, endOfZip, localHeader, type ZipEntry } from './zip-records.ts';

/** Photos and films do not get smaller; the rest gets small enough. */
const DEFLATE_LEVEL = 1;

/** Where the size that somebody says could still be wrong by as much as anybody has seen. */
const ZIP64_FROM_BYTES = 2 ** 31;
const BYTES_MAX_WITHOUT_ZIP64 = 2 ** 32 - 2;

/** One file of a ZIP, before it is read. */
export interface ZipFile {
  readonly name: string;
  readonly modifiedAt: Date;
  /** As far as it is known; 64 bits are kept ready for a large one. */
  readonly sizeBytes: number;
}

/** Makes a ZIP file by file; of each it remembers what the end has to list. */
export class ZipWriter {
  readonly #entries: ZipEntry[] = [];
  #offset = 0;

  /** @throws what reading throws; `operation.zip-entry-too-large` */
  async *file(
    about: ZipFile,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { modifiedAt } = about;
    const isZip64 = about.sizeBytes >= ZIP64_FROM_BYTES;
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
