import { parentPort, workerData } from 'node:worker_threads';
import { prepareHere } from './blob.ts';
import type { BlobAnswer, BlobTask } from './blob-thread.ts';
import type { SealKey } from './seal.ts';

/* A thread that prepares blobs, one after the other, in the order in which they come. */

const key = workerData as SealKey;

function answer(task: BlobTask): BlobAnswer {
  try {
    return { prepared: prepareHere({ key, ...task }) };
  } catch (failure) {
    return { failure };
  }
}

parentPort?.on('message', (task: BlobTask) => {
  const done = answer(task);
  parentPort?.postMessage(done, 'prepared' in done ? [done.prepared.sealed.buffer] : []);
});
