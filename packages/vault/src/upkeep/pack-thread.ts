import { AskedThread, threadShelf } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import type { PackToVerify, PackVerdict } from './verify-pack.ts';

/** What a thread is asked. */
export interface PackTask {
  readonly key: SealKey;
  readonly pack: PackToVerify;
  readonly bytes: Uint8Array;
}

const shelf = threadShelf(import.meta.url, 'pack-worker');

/** A thread that verifies packs. */
export type PackThread = AskedThread<PackTask, PackVerdict>;

export const packThread = (): PackThread => new AskedThread(shelf);

/** @param task its bytes are given away: their memory moves to the thread */
export async function verifyOn(thread: PackThread, { key, pack, bytes }: PackTask): Promise<PackVerdict> {
  const { parts, memory } = movingBytes([bytes]);
  const blobs = pack.blobs.map(({ id, offset, length, uncompressedLength }) => ({
    id,
    offset,
    length,
    uncompressedLength,
  }));
  return thread.ask({ key, pack: { id: pack.id, blobs }, bytes: parts[0] ?? bytes }, [memory]);
}
