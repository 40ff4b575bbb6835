import { parentPort } from 'node:worker_threads';
import { freeBytes } from '@rootcellar/core';
import { movingBytes } from '../chunks/moving-bytes.ts';
import type { SealKey } from '../chunks/seal.ts';
import { openAll } from './open-blob.ts';
import type { OpenAnswer, OpenMessage } from './open-threads.ts';

/* A thread that opens blobs, in the order in which they come. */

let key: SealKey | undefined;

parentPort?.on('message', (message: OpenMessage) => {
  if ('key' in message) {
    key = message.key;
    return;
  }
  const { bytes, blobs } = message;
  const { opened } = openAll({ key: key as SealKey }, blobs, bytes);
  freeBytes(bytes);
  const { parts, memory } = movingBytes(opened.map((plain) => plain ?? new Uint8Array(0)));
  const answer: OpenAnswer = opened.map((plain, at) => plain && parts[at]);
  parentPort?.postMessage(answer, [memory]);
});
