import { parentPort, workerData } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import { openBlob } from './open-blob.ts';
import type { OpenTask } from './open-threads.ts';

/* A thread that opens blobs, in the order in which they come. */

const key = workerData as SealKey;

parentPort?.on('message', ({ bytes, blobs }: OpenTask) => {
  const opened = blobs.map((blob) =>
    openBlob({ key }, blob, bytes.subarray(blob.offset, blob.offset + blob.length)),
  );
  freeBytes(bytes);
  const { parts, memory } = movingBytes(opened.map((plain) => plain ?? new Uint8Array(0)));
  parentPort?.postMessage(
    opened.map((plain, at) => plain && parts[at]),
    [memory],
  );
});
