import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { cutContent } from './cut-content.ts';

const line = (name: string): string => `${createHash('sha256').update(name).digest('hex')}  ${name}\n`;

async function chunksOf(text: string, pieceBytes = text.length): Promise<readonly string[]> {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const chunks = await Array.fromAsync(cutContent(pieces, { polynomial: 0n, cut: 'lines' }));
  return chunks.map((chunk) => Buffer.from(chunk).toString());
}

const NAMES = Array.from({ length: 20_000 }, (_, n) => `file ${n}`);

test('whole lines make a chunk, some dozens at a time, whatever pieces they come in', async () => {
  const text = NAMES.map(line).join('');
  const chunks = await chunksOf(text);
  expect(chunks.join('')).toBe(text);
  expect(chunks.every((chunk) => chunk.endsWith('\n'))).toBe(true);
  expect(NAMES.length / chunks.length).toBeGreaterThan(20);
  expect(NAMES.length / chunks.length).toBeLessThan(50);
  expect(await chunksOf(text, 1_001)).toEqual(chunks);
});

test('a line that comes, goes or changes makes one chunk new, or two', async () => {
  const before = new Set(await chunksOf(NAMES.map(line).join('')));
  const changed = NAMES.flatMap((name, n) => {
    if (n % 2_000 === 1) return [];
    if (n % 2_000 === 500) return [name, `after ${name}`];
    return n % 2_000 === 1_000 ? [`another ${name}`] : [name];
  });
  const after = await chunksOf(changed.map(line).join(''));
  expect(after.filter((chunk) => !before.has(chunk)).length).toBeLessThanOrEqual(2 * 30);
});

test('what has no lines is cut all the same', async () => {
  const text = 'x'.repeat(200_000);
  const chunks = await chunksOf(text, 70_000);
  expect(chunks.map(({ length }) => length)).toEqual([65_536, 65_536, 65_536, 3_392]);
});
