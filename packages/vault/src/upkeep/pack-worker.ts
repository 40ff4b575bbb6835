import { parentPort, workerData } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import type { SealKey } from '../chunks/seal.ts';
import type { PackTask } from './pack-thread.ts';
import { verifyPack } from './verify-pack.ts';

/* A thread that verifies packs, one after the other, in the order in which they come. */

const key = workerData as SealKey;

parentPort?.on('message', ({ pack, bytes }: PackTask) => {
  const answer = verifyPack(key, pack, bytes);
  freeBytes(bytes);
  parentPort?.postMessage(answer);
});
