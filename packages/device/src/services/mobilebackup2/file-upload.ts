import { type ByteChannel, streamError } from '@rootcellar/core';
import type { Status } from '../device-link/device-link.ts';
import { deviceLinkError } from '../errors.ts';
import type { TransferOptions } from './file-download.ts';
import type { ServedTree } from './served-tree.ts';
import { STATUS_CODE, statusCodeOf, statusText } from './status-code.ts';

/** Block codes, device → host. Source: device-protocols §7.7. */
const BLOCK = { end: 0x00, failed: 0x0b, data: 0x0c } as const;

/** Real phones send names well under this. Source: interop §2. */
const NAME_BYTES_MAX = 4096;

/** Our limit; phones send up to a few MiB. More means that we lost our place in the stream. */
const BLOCK_BYTES_MAX = 1024 * 1024 * 1024;

/** What is handed to the tree at a time. */
const PIECE_BYTES_MAX = 1024 * 1024;

/** What one DLMessageUploadFiles brought. */
export interface UploadOutcome {
  readonly status: Status;
  readonly files: number;
  /** Files that the phone itself could not read; they are kept as it sent them. */
  readonly unreadable: number;
  /** Why a file could not be stored; the rest of the batch was read and dropped. */
  readonly failure?: unknown;
}

/**
 * Receives the files that follow DLMessageUploadFiles, and stores them under the names the phone
 * gives. Whatever fails, the stream is read to its end: only so does the phone hear the reason.
 *
 * @throws `device-link.message-invalid` for lengths that cannot be; `stream.cut-short`; the reason of
 *   `options.signal`
 *
 * Source: device-protocols §7.7; Appendix D has the bytes.
 */
export async function receiveFiles(
  channel: ByteChannel,
  tree: ServedTree,
  options: TransferOptions,
): Promise<UploadOutcome> {
  let files = 0;
  let unreadable = 0;
  let failure: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    // What the file is called on the phone is for its own log; the second name says where it goes.
    if ((await readName(channel)) === undefined) break;
    const hostName = await readName(channel);
    if (hostName === undefined) break;

    const blocks = new Blocks(channel, options);
    try {
      if (failure === undefined) await tree.write(tree.pathOf(hostName), blocks.content());
    } catch (error) {
      if (channel.closed || options.signal?.aborted || isOfTheWire(error)) throw error;
      failure = error;
    }
    await blocks.skipRest();
    if (failure === undefined) files += 1;
    if (blocks.unreadable) unreadable += 1;
  }
  const code = failure === undefined ? STATUS_CODE.ok : statusCodeOf(failure);
  const status = code === STATUS_CODE.ok ? { code } : { code, text: statusText(code) };
  return { status, files, unreadable, ...(failure !== undefined && { failure }) };
}

function isOfTheWire(error: unknown): boolean {
  return deviceLinkError.matches(error) || streamError.matches(error);
}

/** The blocks of one file, up to the one that ends it. */
class Blocks {
  readonly #channel: ByteChannel;
  readonly #options: TransferOptions;
  #leftBytes = 0;
  #ended = false;
  #hadData = false;
  #unreadable = false;

  constructor(channel: ByteChannel, options: TransferOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /** The phone could not read this file: its first block was an error. */
  get unreadable(): boolean {
    return this.#unreadable;
  }

  async *content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#leftBytes === 0 && !(await this.#nextBlock())) return;
      const piece = await this.#channel.readSome(Math.min(this.#leftBytes, PIECE_BYTES_MAX));
      if (piece.length === 0) throw this.#cutShort();
      this.#leftBytes -= piece.length;
      this.#options.onBytes(piece.length);
      this.#options.signal?.throwIfAborted();
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    if (this.#ended) return;
    for await (const _ of this.content());
  }

  /** @returns false at the end of the file */
  async #nextBlock(): Promise<boolean> {
    while (!this.#ended) {
      const code = await this.#readBlockHeader();
      if (code !== BLOCK.data) await this.#end(code);
      else if (this.#leftBytes > 0) {
        this.#hadData = true;
        return true;
      }
    }
    return false;
  }

  /** A block of no bytes has no code either: it ends the file. */
  async #readBlockHeader(): Promise<number> {
    const size = await readU32(this.#channel);
    if (size > BLOCK_BYTES_MAX) throw deviceLinkError('message-invalid', { reason: 'a block too long' });
    const code = size === 0 ? BLOCK.end : ((await this.#channel.readExactly(1))[0] ?? BLOCK.end);
    this.#leftBytes = Math.max(0, size - 1);
    return code;
  }

  async #end(code: number): Promise<void> {
    this.#ended = true;
    this.#unreadable = code === BLOCK.failed && !this.#hadData;
    // The text of an error may name a file: it is read and dropped.
    while (this.#leftBytes > 0) {
      const dropped = await this.#channel.readSome(Math.min(this.#leftBytes, PIECE_BYTES_MAX));
      if (dropped.length === 0) throw this.#cutShort();
      this.#leftBytes -= dropped.length;
    }
  }

  #cutShort(): Error {
    return streamError('cut-short', { expectedBytes: this.#leftBytes, receivedBytes: 0 });
  }
}

/** @returns `undefined` for an empty name, which ends the batch */
async function readName(channel: ByteChannel): Promise<string | undefined> {
  const nameBytes = await readU32(channel);
  if (nameBytes === 0) return undefined;
  if (nameBytes > NAME_BYTES_MAX) throw deviceLinkError('message-invalid', { reason: 'a name too long' });
  return Buffer.from(await channel.readExactly(nameBytes)).toString('utf8');
}

async function readU32(channel: ByteChannel): Promise<number> {
  const bytes = await channel.readExactly(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}
