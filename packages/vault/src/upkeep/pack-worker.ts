import { parentPort } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import type { PackTask } from './pack-thread.ts';
import { verifyPack } from './verify-pack.ts';

/* A thread that verifies packs, one after the other, in the order in which they come. */

parentPort?.on('message', ({ key, pack, bytes }: PackTask) => {
  const answer = verifyPack(key, pack, bytes);
  freeBytes(bytes);
  parentPort?.postMessage(answer);
});
