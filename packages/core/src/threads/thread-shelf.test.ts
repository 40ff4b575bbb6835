import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { ThreadShelf } from './thread-shelf.ts';

const ECHO = new URL(
  `data:text/javascript,import{parentPort,threadId}from'node:worker_threads';parentPort.on('message',(m)=>{if(m==='die')process.exit(3);parentPort.postMessage([threadId,m])})`,
);

const shelf = new ThreadShelf(ECHO);
const started = new Set<Worker>();
afterAll(() => Promise.all([...started].map((worker) => worker.terminate())));

function take(): Worker {
  const worker = shelf.take();
  started.add(worker);
  return worker;
}

async function ask(worker: Worker, message: string): Promise<readonly [thread: number, message: string]> {
  const answered = once(worker, 'message');
  worker.postMessage(message);
  const [answer] = await answered;
  return answer;
}

test('a thread that was given back is taken again, and two at a time are two', async () => {
  const [one, other] = [take(), take()];
  const [first] = await ask(one, 'a');
  const [second] = await ask(other, 'b');
  expect(first).not.toBe(second);
  shelf.giveBack(one);
  expect(await ask(take(), 'c')).toEqual([first, 'c']);
});

test('nobody hears what the holder before them listened to', async () => {
  const heard: unknown[] = [];
  const worker = take();
  worker.on('message', (message) => heard.push(message));
  await ask(worker, 'mine');
  shelf.giveBack(worker);
  const again = take();
  expect(again).toBe(worker);
  await ask(again, 'theirs');
  expect(heard).toHaveLength(1);
});

test('one that has ended meanwhile is not taken', async () => {
  const worker = take();
  const [thread] = await ask(worker, 'a');
  const ended = once(worker, 'exit');
  worker.postMessage('die');
  shelf.giveBack(worker);
  await once(worker, 'exit').catch(() => {});
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  const next = take();
  expect((await ask(next, 'b'))[0]).not.toBe(thread);
});
