import { Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encryptAgain } from './encrypt-again.ts';
import { decrypted, encrypt, inPieces, KEY, random, recordOf } from './example-cipher.ts';
import { recordFromEnd } from './record-from-end.ts';

const MEBIBYTE = 1024 * 1024;

async function fromEnd(encrypted: Uint8Array, key = KEY) {
  let readBytes = 0;
  const record = await recordFromEnd({
    key,
    storedBytes: encrypted.length,
    read: ({ start, end }) => {
      readBytes += end - start;
      return inPieces(encrypted.subarray(start, end), () => 7);
    },
  });
  return { record: { file: 'a', ...record }, readBytes };
}

describe('the record that the end of a file gives', () => {
  test('is the one that decrypting all of it gives', async () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 131_072, 600_000, 8 * MEBIBYTE - 1, 17 * MEBIBYTE]) {
      const encrypted = encrypt(random.bytes(length));
      const { record } = await fromEnd(encrypted);
      expect(record, `${length} bytes`).toEqual(recordOf((await decrypted(encrypted)).verdict));
    }
  });

  test('is so for any bytes and any key, whether they were ever encrypted or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        async (bytes, keyBytes) => {
          const key = new Secret(keyBytes);
          const { record } = await fromEnd(bytes, key);
          const { content, verdict } = await decrypted(bytes, { key });
          expect(record).toEqual(recordOf(verdict));
          // This is the claim that the whole thing rests on.
          const again = encryptAgain(record, {
            contentBytes: content.length,
            readContent: ({ start, end }) => inPieces(content.subarray(start, end)),
          });
          expect(Buffer.concat(await Array.fromAsync(again))).toEqual(Buffer.from(bytes));
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test('is so where content only looks like padding', async () => {
    for (const [count, before] of [
      [16, 16],
      [15, 14],
      [1, 1],
      [4, 9],
    ] as const) {
      const plain = Buffer.alloc(48, before);
      plain.fill(count, 48 - count);
      const encrypted = encrypt(plain, false);
      expect((await fromEnd(encrypted)).record).toEqual(recordOf((await decrypted(encrypted)).verdict));
    }
  });

  test('needs no more than two blocks and the marks', async () => {
    expect((await fromEnd(encrypt(random.bytes(100_000)))).readBytes).toBe(32);
    expect((await fromEnd(encrypt(random.bytes(17 * MEBIBYTE)))).readBytes).toBe(64);
  });

  test('is not made of a file that became shorter', async () => {
    const encrypted = encrypt(random.bytes(100));
    const read = () => inPieces(encrypted.subarray(0, 20));
    const making = recordFromEnd({ key: KEY, storedBytes: 112, read });
    await expect(making).rejects.toMatchObject({ code: 'vault.file-changed' });
  });
});
