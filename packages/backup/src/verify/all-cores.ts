import { availableParallelism } from 'node:os';
import { AskedThread, type ErrorMessage, fromErrorMessage, threadShelf } from '@rootcellar/core';
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

/** What a thread checks parts of from now on. */
interface BackupNote {
  readonly backup: ShardWorkerData | undefined;
}

export type ShardMessage = BackupNote | ShardTask;

type ShardThread = AskedThread<ShardTask, ShardAnswer, BackupNote>;

export type ShardAnswer = { readonly part: ReportPart } | { readonly failure: ErrorMessage };

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
  const takeAll = async (thread: ShardThread): Promise<void> => {
    for (const index of tasks) {
      options.signal?.throwIfAborted();
      const answer = await thread.ask({ index, received: received[index] });
      if ('failure' in answer) throw fromErrorMessage(answer.failure);
      const { part } = answer;
      parts[index] = part;
      sofar.files += part.files;
      sofar.bytes += part.bytes;
      options.onProgress?.({ ...sofar });
    }
  };
  const threads = Math.max(1, Math.min(availableParallelism(), THREADS_MAX));
  const all = Array.from({ length: threads }, (): ShardThread => new AskedThread(shelf));
  for (const thread of all) thread.tell({ backup });
  try {
    await Promise.all(all.map(takeAll));
  } catch (error) {
    // Some are in the middle of a part that nobody wants any more.
    await Promise.all(all.map((thread) => thread.terminate()));
    throw error;
  }
  await Promise.all(all.map((thread) => thread.giveBack({ backup: undefined })));
  for (const part of parts) report.merge(part);
}

const shelf = threadShelf(import.meta.url, 'shard-worker');

function byShard(received: ReceivedHashes | undefined): readonly ShardTask['received'][] {
  if (received === undefined) return [];
  const parts = SHARDS.map(() => new Map<string, string>());
  for (const [name, hash] of received) parts[Number.parseInt(name.slice(0, 2), 16)]?.set(name, hash);
  return parts;
}
