import { parentPort } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import { prepareHere } from './blob.ts';
import type { BlobAnswers, BlobMessage, BlobTask } from './blob-thread.ts';
import { movingBytes } from './moving-bytes.ts';
import type { SealKey } from './seal.ts';

/* A thread that prepares blobs, one after the other, in the order in which they come. */

let key: SealKey | undefined;

function answer(task: BlobTask): BlobAnswers[number] {
  try {
    if (key === undefined) throw new Error('A thread was given blobs and no key.');
    return { prepared: prepareHere({ key, ...task }) };
  } catch (failure) {
    return { failure };
  }
}

parentPort?.on('message', (message: BlobMessage) => {
  if ('key' in message) key = message.key;
  else prepare(message);
});

function prepare(tasks: readonly BlobTask[]): void {
  const answers = tasks.map(answer);
  // The tasks of a lot share one memory, all of which moved here with them.
  for (const memory of new Set(tasks.map(({ plain }) => plain.buffer))) freeBytes(new Uint8Array(memory));
  const sealed = answers.map((each) => ('prepared' in each ? each.prepared.sealed : new Uint8Array(0)));
  const { parts, memory } = movingBytes(sealed);
  const moving = answers.map((each, at) =>
    'prepared' in each ? { prepared: { ...each.prepared, sealed: parts[at] } } : each,
  );
  parentPort?.postMessage(moving, [memory]);
}
