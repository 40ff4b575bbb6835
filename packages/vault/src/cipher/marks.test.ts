import { expect, test } from 'vitest';
import { markCount, markSpacing } from './cipher-record.ts';
import { MarkGatherer } from './marks.ts';

const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** A block that says where it stands. */
function blockAt(offset: number): Buffer {
  const block = Buffer.alloc(16);
  block.writeBigUInt64LE(BigInt(offset));
  return block;
}

/** Passes a file of that size by, in pieces of 8 MiB, of which only the last block is looked at. */
function gathered(storedBytes: number): Uint8Array {
  const marks = new MarkGatherer();
  const piece = new Uint8Array(8 * MEBIBYTE);
  for (let at = 0; at < storedBytes; at += piece.length) {
    const part = piece.subarray(0, storedBytes - at);
    part.set(blockAt(at + part.length - 16), part.length - 16);
    marks.add(part);
  }
  return marks.bytes;
}

test('a file has no more marks than 4096, the fewer the farther apart', () => {
  expect(markSpacing(32 * GIBIBYTE)).toBe(8 * MEBIBYTE);
  expect(markSpacing(33 * GIBIBYTE)).toBe(16 * MEBIBYTE);
  expect(markSpacing(2048 * GIBIBYTE)).toBe(512 * MEBIBYTE);
  expect([0, 15, 16, 8 * MEBIBYTE, 8 * MEBIBYTE + 15].map(markCount)).toEqual([0, 0, 0, 0, 0]);
  expect([8 * MEBIBYTE + 16, 16 * MEBIBYTE].map(markCount)).toEqual([1, 1]);
});

test('marks that are gathered are those that a file of its size has', () => {
  const step = 8 * MEBIBYTE;
  for (const storedBytes of [0, 16, step, step + 16, 2 * step, 4097 * step, 4097 * step + 16, 9000 * step]) {
    const count = markCount(storedBytes);
    const spacing = markSpacing(storedBytes);
    const expected = Array.from({ length: count }, (_, at) => blockAt((at + 1) * spacing - 16));
    expect(Buffer.compare(gathered(storedBytes), Buffer.concat(expected)), `${storedBytes}`).toBe(0);
  }
});
