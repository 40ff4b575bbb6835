import { Duplex } from 'node:stream';

/**
 * Says what becomes of bytes on their way: which leave, and when. Ends the connection by throwing.
 *
 * @param signal aborts when the stream is gone, so that nobody sleeps on
 */
export type Pace = (bytes: Uint8Array, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** A stream whose bytes take their time, in both directions: around any stream, by one rule. */
export class PacedStream extends Duplex {
  readonly #inner: Duplex;
  readonly #pace: Pace;
  readonly #gone = new AbortController();
  #wanted: (() => void) | undefined;

  constructor(inner: Duplex, pace: Pace) {
    super();
    this.#inner = inner;
    this.#pace = pace;
    this.on('error', () => {});
    inner.on('error', () => this.destroy());
    inner.on('close', () => this.destroy());
    void this.#passArrivals().catch(() => this.destroy());
  }

  override _read(): void {
    this.#wanted?.();
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#passDepartures(bytes).then(
      () => done(),
      (error: Error) => {
        this.destroy();
        done(error);
      },
    );
  }

  override _final(done: () => void): void {
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#gone.abort();
    this.#wanted?.();
    this.#inner.destroy();
    done(error);
  }

  async #passArrivals(): Promise<void> {
    for await (const chunk of this.#inner.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      for await (const piece of this.#pace(chunk, this.#gone.signal)) {
        if (this.destroyed) return;
        if (!this.push(piece)) await this.#demand();
      }
    }
    if (!this.destroyed) this.push(null);
  }

  async #passDepartures(bytes: Uint8Array): Promise<void> {
    for await (const piece of this.#pace(bytes, this.#gone.signal)) {
      if (this.destroyed) return;
      await new Promise<void>((resolve) => {
        this.#inner.write(piece, () => resolve());
      });
    }
  }

  #demand(): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = resolve;
      if (this.destroyed) resolve();
    });
  }
}
