import type { Random } from '@rootcellar/core';
import { backupAgentError } from '../errors.ts';
import type { DeviceLink } from './device-link.ts';
import type { Upload } from './host-folder.ts';

/** Codes before a block. Source: device-protocols specification, sections 7.6 and 7.7. */
const CODE = { end: 0x00, failed: 0x06, unreadable: 0x0b, data: 0x0c } as const;

/** Thrown by a content that the phone itself cannot read; the text is what the host is told. */
export class UnreadableContent extends Error {}

/** Longest path either side sends. Source: libimobiledevice, `idevicebackup2.c`. */
const PATH_BYTES_MAX = 4096;

/**
 * Frames of this size exceeded the memory of a real backup agent, which was killed for it.
 * Source: pymobiledevice3, issues 1857 and 1858 (iOS 26.6).
 */
const BLOCK_BYTES_MAX = 128 * 1024 * 1024 - 1;

/** Our limit on the text that explains why a file could not be sent. */
const FAILURE_BYTES_MAX = 64 * 1024;

/** What `take` gets at once at most. */
const PIECE_BYTES_MAX = 256 * 1024;

export type DownloadedPiece = Uint8Array;

/**
 * Reads the files the host sends after DownloadFiles, up to the end mark.
 *
 * @returns the paths that arrived whole
 */
export async function readDownload(
  link: DeviceLink,
  paths: readonly string[],
  take: (path: string, pieces: AsyncIterable<DownloadedPiece>) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(paths);
  const arrived = new Set<string>();
  for (let pathBytes = await link.readU32(); pathBytes !== 0; pathBytes = await link.readU32()) {
    if (pathBytes > PATH_BYTES_MAX) throw notUnderstood('a path too long');
    const path = new TextDecoder().decode(await link.readBytes(pathBytes));
    if (!wanted.delete(path)) throw notUnderstood('a file nobody asked for');
    const blocks = new FileBlocks(link);
    await take(path, blocks.pieces());
    if (await blocks.skipRest()) arrived.add(path);
  }
  return arrived;
}

/** The blocks of one file, read to their end whatever the reader does. */
class FileBlocks {
  readonly #link: DeviceLink;
  #leftInBlock = 0;
  #state: 'reading' | 'whole' | 'failed' = 'reading';

  constructor(link: DeviceLink) {
    this.#link = link;
  }

  async *pieces(): AsyncIterable<DownloadedPiece> {
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) yield piece;
  }

  /** @returns did the file arrive whole? */
  async skipRest(): Promise<boolean> {
    while ((await this.#next()) !== undefined);
    return this.#state === 'whole';
  }

  async #next(): Promise<DownloadedPiece | undefined> {
    while (this.#state === 'reading' && this.#leftInBlock === 0) await this.#readBlockHead();
    if (this.#state !== 'reading') return undefined;
    const piece = await this.#link.readSome(Math.min(this.#leftInBlock, PIECE_BYTES_MAX));
    this.#leftInBlock -= piece.length;
    return piece;
  }

  async #readBlockHead(): Promise<void> {
    const blockBytes = await this.#link.readU32();
    if (blockBytes === 0) throw notUnderstood('a block without code');
    if (blockBytes > BLOCK_BYTES_MAX) throw notUnderstood('a block too large');
    const [code] = await this.#link.readBytes(1);
    const dataBytes = blockBytes - 1;
    if (code === CODE.data) {
      this.#leftInBlock = dataBytes;
      return;
    }
    if (dataBytes > FAILURE_BYTES_MAX) throw notUnderstood('a block of unknown kind');
    await this.#link.readBytes(dataBytes);
    this.#state = code === CODE.end ? 'whole' : 'failed';
  }
}

/** Writes files after UploadFiles, then the end mark. */
export async function writeUpload(link: DeviceLink, files: readonly Upload[], random: Random): Promise<void> {
  const out = new GatheredWrites(link);
  for (const file of files) {
    out.add(named(file.devicePath));
    out.add(named(file.hostPath));
    const problem = await writeBlocks(out, file, random);
    if (problem === undefined) out.add(blockHead(CODE.end, 0));
    else addProblem(out, problem);
  }
  out.add(u32(0));
  await out.flush();
}

/** What could not be read is said in the place of the end. Source: device-protocols, section 7.7. */
function addProblem(out: GatheredWrites, problem: string): void {
  const text = Buffer.from(problem);
  out.add(blockHead(CODE.unreadable, text.length));
  out.add(text);
}

/** @returns why the phone could not read the file to its end, if it could not */
async function writeBlocks(
  out: GatheredWrites,
  { content }: Upload,
  random: Random,
): Promise<string | undefined> {
  let block: Uint8Array[] = [];
  let wanted = blockBytes(random);
  let bytes = 0;
  const writeBlock = (): Promise<void> | undefined => {
    out.add(blockHead(CODE.data, bytes));
    for (const piece of block) out.add(piece);
    block = [];
    wanted = blockBytes(random);
    bytes = 0;
    return out.isWorthIt ? out.flush() : undefined;
  };
  let problem: string | undefined;
  try {
    for await (const piece of content.read()) {
      for (let at = 0; at < piece.length; ) {
        const part = piece.subarray(at, at + wanted - bytes);
        block.push(part);
        bytes += part.length;
        at += part.length;
        if (bytes === wanted) await writeBlock();
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error;
    problem = error.message;
  }
  if (bytes > 0) await writeBlock();
  return problem;
}

/**
 * Phones choose the sizes of blocks; hosts must take any. Mostly large ones, now and then one of a
 * few bytes.
 */
function blockBytes(random: Random): number {
  return random.below(8) === 0 ? 1 + random.below(64) : 32 * 1024 + random.below(480 * 1024);
}

/** Waiting bytes that are worth a write. */
const FLUSH_BYTES = 256 * 1024;

/** Lets small things leave together: names and heads of a few bytes stand around almost every file. */
class GatheredWrites {
  readonly #link: DeviceLink;
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  constructor(link: DeviceLink) {
    this.#link = link;
  }

  /** Takes bytes that nobody changes any more. */
  add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
  }

  get isWorthIt(): boolean {
    return this.#bytes >= FLUSH_BYTES;
  }

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    await this.#link.writeAll(waiting);
  }
}

/** What stands before the data of a block: its length, which counts the code, and the code. */
function blockHead(code: number, dataBytes: number): Uint8Array {
  const count = dataBytes + 1;
  return Uint8Array.of(count >>> 24, (count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff, code);
}

function named(path: string): Uint8Array {
  const nameBytes = Buffer.byteLength(path);
  const bytes = Buffer.allocUnsafe(4 + nameBytes);
  bytes.writeUInt32BE(nameBytes);
  bytes.write(path, 4);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function notUnderstood(reason: string): Error {
  return backupAgentError('message-not-understood', { reason });
}
