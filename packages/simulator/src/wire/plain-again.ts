import { Duplex } from 'node:stream';
import { ByteChannel } from '@rootcellar/core';

/** TLS records: one byte kind, two bytes version, two bytes length. Source: RFC 8446, section 5.1. */
const RECORD_HEADER_BYTES = 5;
const RECORD_KIND_MIN = 20;
const RECORD_KIND_MAX = 23;

/**
 * A stream for TLS to stand on that survives it: lockdown leaves TLS after StopSession and goes on in
 * plain text over the same connection.
 *
 * It passes whole TLS records upwards. The first byte of a lockdown message is the top of a length and
 * never above 15, so the first byte that begins no record begins the plain text.
 */
export class PlainAgainStream extends Duplex {
  readonly #channel: ByteChannel;
  readonly #plain: Promise<Duplex | undefined>;
  #wanted: (() => void) | undefined;

  constructor(stream: Duplex) {
    super();
    this.#channel = new ByteChannel(stream);
    // Also where a record breaks off: whoever waits for the rest of a handshake has to hear that none will come.
    this.#plain = this.#passRecords()
      .catch(() => undefined)
      .finally(() => this.#end());
    this.on('error', () => {});
  }

  /** Resolves with the stream below once plain text arrives on it; with `undefined` if it ends before. */
  plainAgain(): Promise<Duplex | undefined> {
    return this.#plain;
  }

  override _read(): void {
    this.#wanted?.();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#channel.write(chunk).then(() => done(), done);
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wanted?.();
    done(error);
  }

  async #passRecords(): Promise<Duplex | undefined> {
    for (;;) {
      const first = await this.#channel.read(1);
      const kind = first[0];
      if (kind === undefined) return undefined;
      if (kind < RECORD_KIND_MIN || kind > RECORD_KIND_MAX) return this.#giveBack(first);
      const rest = await this.#channel.readExactly(RECORD_HEADER_BYTES - 1);
      const record = await this.#channel.readExactly(((rest[2] ?? 0) << 8) | (rest[3] ?? 0));
      if (!this.destroyed && !this.push(Buffer.concat([first, rest, record]))) await this.#demand();
    }
  }

  #demand(): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = resolve;
      if (this.destroyed) resolve();
    });
  }

  #end(): void {
    if (!this.destroyed) this.push(null);
  }

  /** Nothing can be put back into a stream that has ended, and nobody waits for an answer on it. */
  #giveBack(first: Uint8Array): Duplex | undefined {
    const stream = this.#channel.release();
    if (stream.readableEnded || stream.destroyed) return undefined;
    stream.unshift(first);
    return stream;
  }
}
