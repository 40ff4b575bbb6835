import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { PlainAgainStream } from './plain-again.ts';

const RECORD = Buffer.from('160301000401020304', 'hex');

it.each([
  ['between two records', RECORD, RECORD],
  ['inside a record', Buffer.concat([RECORD, RECORD.subarray(0, 7)]), RECORD],
  ['inside the head of a record', Buffer.concat([RECORD, RECORD.subarray(0, 2)]), RECORD],
])('a connection that ends %s ends what stands on it', async (_, bytes, passed) => {
  const [ours, theirs] = duplexPair();
  const stream = new PlainAgainStream(ours);
  theirs.end(bytes);
  expect(await buffer(stream)).toEqual(passed);
  expect(await stream.plainAgain()).toBeUndefined();
});

it('plain text ends what stands on it, and is given back whole', async () => {
  const [ours, theirs] = duplexPair();
  const stream = new PlainAgainStream(ours);
  const plain = Buffer.from('\0\0\0\x05hello');
  theirs.write(Buffer.concat([RECORD, plain]));
  expect(await buffer(stream)).toEqual(RECORD);
  const below = await stream.plainAgain();
  theirs.end();
  expect(below && (await buffer(below))).toEqual(plain);
});

it('plain text of somebody who has left already harms nobody', async () => {
  const [ours, theirs] = duplexPair();
  const stream = new PlainAgainStream(ours);
  theirs.end(Buffer.concat([RECORD, Buffer.from('\0\0\0\x05hello')]));
  expect(await buffer(stream)).toEqual(RECORD);
  expect(await stream.plainAgain()).toBeUndefined();
});
