import { parentPort } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import { openBlob } from './open-blob.ts';
import type { OpenMessage } from './open-threads.ts';

/* A thread that opens blobs, in the order in which they come. */

let key: SealKey | undefined;

parentPort?.on('message', (message: OpenMessage) => {
  if ('key' in message) {
    key = message.key;
    return;
  }
  const { bytes, blobs } = message;
  const place = { key: key as SealKey };
  const opened = blobs.map((blob) =>
    openBlob(place, blob, bytes.subarray(blob.offset, blob.offset + blob.length)),
  );
  freeBytes(bytes);
  const { parts, memory } = movingBytes(opened.map((plain) => plain ?? new Uint8Array(0)));
  parentPort?.postMessage(
    opened.map((plain, at) => plain && parts[at]),
    [memory],
  );
});
