import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeContent } from './write-content.ts';

const folder = mkdtempSync(join(tmpdir(), 'rootcellar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEBIBYTE = 1024 * 1024;

async function* lent(bytes: number): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(100_003);
  for (let at = 0; at < bytes; at += memory.length)
    yield memory.fill(at % 251).subarray(0, Math.min(memory.length, bytes - at));
}

test('writes small and large files, of pieces that do not last', async () => {
  for (const bytes of [0, 1, MEBIBYTE, 5 * MEBIBYTE + 7]) {
    const file = join(folder, `${bytes}`);
    const descriptor = openSync(file, 'wx');
    expect(await writeContent(() => descriptor, lent(bytes))).toBe(bytes);
    closeSync(descriptor);
    const pieces = await Array.fromAsync(lent(bytes), (piece) => Buffer.from(piece));
    expect(readFileSync(file).equals(Buffer.concat(pieces))).toBe(true);
  }
});

test('a file that cannot be made is tried once', async () => {
  let calls = 0;
  const open = () => {
    calls += 1;
    throw new Error('no');
  };
  for (const bytes of [10, 3 * MEBIBYTE]) {
    calls = 0;
    await expect(writeContent(open, lent(bytes))).rejects.toThrow('no');
    expect(calls).toBe(1);
  }
});

test('what the content throws comes through, whatever the disk says after that', async () => {
  const reading = openSync('/dev/null', 'r');
  const content = async function* () {
    yield* lent(1000);
    throw new Error('the phone is gone');
  };
  await expect(writeContent(() => reading, content())).rejects.toThrow('the phone is gone');
  closeSync(reading);
});
