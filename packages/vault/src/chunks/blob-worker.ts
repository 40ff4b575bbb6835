import { parentPort, workerData } from 'node:worker_threads';
import { prepareHere } from './blob.ts';
import type { BlobAnswers, BlobTask } from './blob-thread.ts';
import { movingBytes } from './moving-bytes.ts';
import type { SealKey } from './seal.ts';

/* A thread that prepares blobs, one after the other, in the order in which they come. */

const key = workerData as SealKey;

function answer(task: BlobTask): BlobAnswers[number] {
  try {
    return { prepared: prepareHere({ key, ...task }) };
  } catch (failure) {
    return { failure };
  }
}

parentPort?.on('message', (tasks: readonly BlobTask[]) => {
  const answers = tasks.map(answer);
  const sealed = answers.map((each) => ('prepared' in each ? each.prepared.sealed : new Uint8Array(0)));
  const { parts, memory } = movingBytes(sealed);
  const moving = answers.map((each, at) =>
    'prepared' in each ? { prepared: { ...each.prepared, sealed: parts[at] } } : each,
  );
  parentPort?.postMessage(moving, [memory]);
});
