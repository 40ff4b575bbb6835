import type { Worker } from 'node:worker_threads';
import { ThreadShelf } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { PackToVerify, PackVerdict } from './verify-pack.ts';

/** What a thread is told. */
export interface PackTask {
  readonly key: SealKey;
  readonly pack: PackToVerify;
  readonly bytes: Uint8Array;
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './pack-worker.ts' : './pack-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};
const shelf = new ThreadShelf(WORKER, FROM_SOURCE);

/** One thread that verifies packs. Give it back or terminate it when nothing is being verified. */
export class PackThread {
  readonly #worker: Worker;
  /** Of the pack that is being verified. */
  #answer: PromiseWithResolvers<PackVerdict> | undefined;
  readonly #key: SealKey;
  /** Why it ended by itself, which it never should. */
  #death: { readonly reason: unknown } | undefined;

  constructor(key: SealKey) {
    this.#key = key;
    this.#worker = shelf.take();
    this.#worker.on('message', (verdict: PackVerdict) => this.#answer?.resolve(verdict));
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('A thread that verifies packs has ended.')));
  }

  /** One at a time. @param bytes given away: their memory moves to the thread */
  async verify(pack: PackToVerify, bytes: Uint8Array): Promise<PackVerdict> {
    if (this.#death !== undefined) throw this.#death.reason;
    const { parts, memory } = movingBytes([bytes]);
    const blobs = pack.blobs.map(({ id, offset, length, uncompressedLength }) => ({
      id,
      offset,
      length,
      uncompressedLength,
    }));
    this.#worker.postMessage({ key: this.#key, pack: { id: pack.id, blobs }, bytes: parts[0] }, [memory]);
    this.#answer = Promise.withResolvers<PackVerdict>();
    return this.#answer.promise;
  }

  /** For others to use, if it is alive. */
  giveBack(): void {
    if (this.#death === undefined) shelf.giveBack(this.#worker);
  }

  /** It might answer whoever comes next. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(reason: unknown): void {
    this.#death ??= { reason };
    this.#answer?.reject(reason);
  }
}
