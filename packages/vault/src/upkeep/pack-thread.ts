import { Worker } from 'node:worker_threads';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { PackToVerify, PackVerdict } from './verify-pack.ts';

/** Sent to a thread. */
export interface PackTask {
  readonly pack: PackToVerify;
  readonly bytes: Uint8Array;
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './pack-worker.ts' : './pack-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};

/** One thread that verifies packs. End it, or the program does not end. */
export class PackThread {
  readonly #worker: Worker;
  /** Of the pack that is being verified. */
  #answer: PromiseWithResolvers<PackVerdict> | undefined;

  constructor(key: SealKey) {
    this.#worker = new Worker(WORKER, { workerData: key, ...FROM_SOURCE });
    this.#worker.on('message', (verdict: PackVerdict) => this.#answer?.resolve(verdict));
    this.#worker.once('error', (error) => this.#answer?.reject(error));
    this.#worker.once('exit', () =>
      this.#answer?.reject(new Error('A thread that verifies packs has ended.')),
    );
  }

  /** One at a time. @param bytes given away: their memory moves to the thread */
  verify(pack: PackToVerify, bytes: Uint8Array): Promise<PackVerdict> {
    this.#answer = Promise.withResolvers<PackVerdict>();
    const { parts, memory } = movingBytes([bytes]);
    const blobs = pack.blobs.map(({ id, offset, length, uncompressedLength }) => ({
      id,
      offset,
      length,
      uncompressedLength,
    }));
    this.#worker.postMessage({ pack: { id: pack.id, blobs }, bytes: parts[0] }, [memory]);
    return this.#answer.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
