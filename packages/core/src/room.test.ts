import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Room } from './room.ts';

test('lets in what fits, and the others in the order in which they came', async () => {
  const room = new Room(10);
  const entered: string[] = [];
  const enter = async (name: string, amount: number) => {
    await room.take(amount);
    entered.push(name);
  };
  void enter('a', 6);
  void enter('b', 6);
  void enter('c', 1);
  await setImmediate();
  expect(entered).toEqual(['a']);
  room.giveBack(6);
  await setImmediate();
  expect(entered).toEqual(['a', 'b', 'c']);
});

test('lets in what is larger than all of it, alone', async () => {
  const room = new Room(10);
  await room.take(3);
  let isIn = false;
  const large = room.take(50).then(() => {
    isIn = true;
  });
  await setImmediate();
  expect(isIn).toBe(false);
  room.giveBack(3);
  await large;
  room.giveBack(50);
  await room.take(10);
});
