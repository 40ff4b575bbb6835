import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { ThreadShelf } from '@rootcellar/core';
import type { ReceivedHashes } from '../folder/received-hashes.ts';
import type { KeysMessage } from '../keybag/backup-keys.ts';
import type { ManifestPlace } from '../manifest/manifest.ts';
import { type BlobCheck, SHARDS } from './blobs.ts';
import type { ReportPart } from './verification.ts';
import type { Depth } from './verify-backup.ts';

/** More are limited by the disk. */
const THREADS_MAX = 8;

/** What a thread needs to know before its first part. */
export interface ShardWorkerData {
  readonly diskFolder: string;
  readonly place: ManifestPlace;
  readonly keys: KeysMessage | undefined;
  readonly depth: Depth;
  readonly isEncrypted: boolean;
  readonly workFolder: string;
}

/** One part of a backup, and the hashes of its blobs as they arrived. */
export interface ShardTask {
  readonly index: number;
  readonly received: ReadonlyMap<string, string> | undefined;
}

/** What a thread is told: what to check parts of from now on, nothing any more, or a part to check. */
export type ShardMessage = { readonly backup: ShardWorkerData | undefined } | ShardTask;

export type ShardAnswer = { readonly part: ReportPart } | { readonly failure: unknown };

/**
 * The work of `checkBlobsAndRows` on all cores: each thread takes the next part when it is done with one. What they
 * find is put together in the order of the parts.
 *
 * @throws what a thread throws; the reason of the signal
 */
export async function checkOnAllCores(check: BlobCheck, diskFolder: string): Promise<void> {
  const { manifest, keys, depth, isEncrypted, workFolder, report, options } = check;
  const backup: ShardWorkerData = {
    diskFolder,
    place: manifest.place,
    keys: keys?.toMessage(),
    depth,
    isEncrypted,
    workFolder,
  };
  const received = byShard(check.received);
  const tasks = SHARDS.keys();
  const parts: ReportPart[] = [];
  const sofar = { ...report.progress };
  const takeAll = async (worker: Worker): Promise<void> => {
    for (const index of tasks) {
      options.signal?.throwIfAborted();
      const part = await ask(worker, { index, received: received[index] });
      parts[index] = part;
      sofar.files += part.files;
      sofar.bytes += part.bytes;
      options.onProgress?.({ ...sofar });
    }
  };
  const threads = Math.max(1, Math.min(availableParallelism(), THREADS_MAX));
  const workers = Array.from({ length: threads }, () => shelf.take());
  for (const worker of workers) worker.postMessage({ backup } satisfies ShardMessage);
  try {
    await Promise.all(workers.map(takeAll));
  } catch (error) {
    // Some are in the middle of a part, and would answer whoever comes next.
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
  for (const worker of workers) {
    worker.postMessage({ backup: undefined } satisfies ShardMessage);
    shelf.giveBack(worker);
  }
  for (const part of parts) report.merge(part);
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './shard-worker.ts' : './shard-worker.js', import.meta.url);
const FROM_SOURCE = IS_SOURCE ? { execArgv: ['--conditions=source'] } : {};
const shelf = new ThreadShelf(WORKER, FROM_SOURCE);

function byShard(received: ReceivedHashes | undefined): readonly ShardTask['received'][] {
  if (received === undefined) return [];
  const parts = SHARDS.map(() => new Map<string, string>());
  for (const [name, hash] of received) parts[Number.parseInt(name.slice(0, 2), 16)]?.set(name, hash);
  return parts;
}

function ask(worker: Worker, task: ShardTask): Promise<ReportPart> {
  const { promise, resolve, reject } = Promise.withResolvers<ReportPart>();
  const onExit = () => reject(new Error('A thread that checks a backup has ended.'));
  worker.once('error', reject).once('exit', onExit);
  worker.once('message', (answer: ShardAnswer) =>
    'part' in answer ? resolve(answer.part) : reject(answer.failure),
  );
  worker.postMessage(task);
  return promise.finally(() => worker.off('error', reject).off('exit', onExit));
}
