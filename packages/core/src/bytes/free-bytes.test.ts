import { expect, test } from 'vitest';
import { freeBytes } from './free-bytes.ts';

test('bytes that were freed are empty, those that share their memory stay', () => {
  const memory = new Uint8Array([1, 2, 3, 4]);
  const part = memory.subarray(1, 3);
  freeBytes(part);
  expect([...part]).toEqual([2, 3]);
  freeBytes(memory);
  expect([memory.length, part.length]).toEqual([0, 0]);
  freeBytes(memory);
});

test('what comes from a pool, or cannot be moved, is left alone', () => {
  const pooled = Buffer.from('pooled');
  freeBytes(pooled);
  expect(pooled.toString()).toBe('pooled');
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  freeBytes(shared);
  expect(shared.length).toBe(4);
});
