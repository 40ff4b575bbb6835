import type { Duplex } from 'node:stream';
import { streamError } from '../errors.ts';

/** Reads bytes in order. Two reads must not overlap. */
export interface ByteSource {
  /** Exactly `bytes` bytes, fewer only at the end, none if the end was reached before. */
  read(bytes: number): Promise<Uint8Array>;
  /** At least one and at most `bytesMax` bytes, whatever is there; none only at the end. */
  readSome(bytesMax: number): Promise<Uint8Array>;
}

/** Above this much unread input the stream is paused; a slow reader must not fill the memory. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/**
 * A two-way byte stream: reads by count instead of by chunk, and writes with back-pressure.
 *
 * It owns the stream until `release` is called, which hands over whatever was received but not
 * read. That is how a connection changes its protocol: usbmux → lockdown → TLS.
 */
export class ByteChannel implements ByteSource {
  readonly #stream: Duplex;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #released = false;
  #receivedBytes = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onError);
    if (stream.errored) this.#onError(stream.errored);
    if (stream.readableEnded || stream.destroyed) this.#ended = true;
    stream.resume();
  }

  /** @throws the error the stream failed with, or that `destroy` was given */
  async read(bytes: number): Promise<Uint8Array> {
    while (this.#bufferedBytes < bytes && !this.#ended && !this.#failure) {
      this.#stream.resume();
      await this.#arrival();
    }
    this.#throwIfFailed();
    return this.#take(Math.min(bytes, this.#bufferedBytes));
  }

  async readSome(bytesMax: number): Promise<Uint8Array> {
    while (this.#bufferedBytes === 0 && !this.#ended && !this.#failure) {
      this.#stream.resume();
      await this.#arrival();
    }
    this.#throwIfFailed();
    const first = this.#chunks[0];
    return first === undefined ? new Uint8Array() : this.#take(Math.min(bytesMax, first.length));
  }

  /** Exactly `bytes` bytes. @throws `stream.cut-short` if the other side closed before, or why it failed */
  async readExactly(bytes: number): Promise<Uint8Array> {
    const got = await this.read(bytes);
    if (got.length < bytes) {
      if (this.#failure) throw this.#failure;
      throw streamError('cut-short', { expectedBytes: bytes, receivedBytes: got.length });
    }
    return got;
  }

  /** Resolves when the stream is ready for more. @throws `stream.closed` if it is gone */
  async write(bytes: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    if (this.#stream.writableEnded || this.#stream.destroyed) throw streamError('closed');
    if (this.#stream.write(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        this.#stream.off('drain', settle);
        this.#stream.off('close', settle);
        this.#stream.off('error', settle);
        if (this.#failure) reject(this.#failure);
        else if (this.#stream.destroyed) reject(streamError('closed'));
        else resolve();
      };
      this.#stream.on('drain', settle);
      this.#stream.on('close', settle);
      this.#stream.on('error', settle);
    });
  }

  /** As `write`, for bytes that lie in several places: they leave together, and are not copied for it. */
  async writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    const last = pieces.at(-1);
    if (last === undefined) return;
    this.#stream.cork();
    try {
      for (const piece of pieces.slice(0, -1)) {
        this.#throwIfFailed();
        if (this.#stream.writableEnded || this.#stream.destroyed) throw streamError('closed');
        this.#stream.write(piece);
      }
    } finally {
      process.nextTick(() => this.#stream.uncork());
    }
    await this.write(last);
  }

  /** Says that nothing more will be written. What was written is still delivered. */
  end(): void {
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.end();
  }

  /** Ends both directions at once. Waiting reads and writes fail with `reason`, if given. */
  destroy(reason?: Error): void {
    if (reason && !this.#failure) this.#failure = reason;
    this.#ended = true;
    this.#stream.destroy();
    this.#notify();
  }

  /** Everything that ever arrived, read or not: whoever watches for silence looks at this. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** True once nothing more can be read or written. */
  get closed(): boolean {
    return this.#failure !== undefined || this.#stream.destroyed;
  }

  /**
   * Gives the stream up, with the bytes nobody has read put back at its front. If it has ended, they are gone:
   * nothing can be put into such a stream, and nobody goes on with one.
   */
  release(): Duplex {
    this.#released = true;
    this.#stream.pause();
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
    this.#stream.off('error', this.#onError);
    if (this.#bufferedBytes > 0 && !this.#stream.readableEnded) {
      this.#stream.unshift(this.#take(this.#bufferedBytes));
    }
    return this.#stream;
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    this.#receivedBytes += chunk.length;
    if (this.#bufferedBytes >= BUFFERED_BYTES_MAX) this.#stream.pause();
    this.#notify();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#notify();
  };

  readonly #onError = (error: Error): void => {
    this.#failure ??= streamError('closed', {}, error);
    this.#notify();
  };

  #arrival(): Promise<void> {
    if (this.#released) throw new Error('A released channel cannot be read');
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #throwIfFailed(): void {
    if (this.#failure && this.#bufferedBytes === 0) throw this.#failure;
  }

  #take(bytes: number): Uint8Array {
    this.#bufferedBytes -= bytes;
    const first = this.#chunks[0];
    if (first === undefined || bytes === 0) return new Uint8Array();
    if (first.length > bytes) {
      this.#chunks[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    if (first.length === bytes) {
      this.#chunks.shift();
      return first;
    }
    return this.#takeAcrossChunks(bytes);
  }

  #takeAcrossChunks(bytes: number): Uint8Array {
    const taken = new Uint8Array(bytes);
    let filled = 0;
    let used = 0;
    while (filled < bytes) {
      const chunk = this.#chunks[used];
      if (chunk === undefined) throw new Error('Fewer bytes are buffered than were counted');
      const part = chunk.subarray(0, bytes - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) {
        this.#chunks[used] = chunk.subarray(part.length);
        break;
      }
      used += 1;
    }
    this.#chunks.splice(0, used);
    return taken;
  }
}
