import { type ByteRange, KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CipherRecord } from './cipher-record.ts';
import { encryptAgain, type ReadContent } from './encrypt-again.ts';
import { decrypted, encrypt, inPieces, random, recordOf } from './example-cipher.ts';

const MEBIBYTE = 1024 * 1024;

interface Prepared {
  readonly record: CipherRecord;
  readonly content: Uint8Array;
}

async function prepared(encrypted: Uint8Array): Promise<Prepared> {
  const { content, verdict } = await decrypted(encrypted);
  return { content, record: recordOf(verdict) };
}

const readerOf =
  (content: Uint8Array): ReadContent =>
  ({ start, end }) =>
    inPieces(content.subarray(start, end), () => 1 + random.below(300_000));

async function againOf({ record, content }: Prepared, range?: ByteRange): Promise<Uint8Array> {
  const { length: contentBytes } = content;
  const options = { contentBytes, readContent: readerOf(content), range };
  return Buffer.concat(await Array.fromAsync(encryptAgain(record, options)));
}

describe('encrypting again', () => {
  test('gives any bytes back, bit for bit, and every part of them', async () => {
    const any = fc.uint8Array({ maxLength: 90 });
    const padded = any.map((content) => encrypt(content));
    await fc.assert(
      fc.asyncProperty(fc.oneof(any, padded), fc.nat(110), fc.nat(110), async (encrypted, start, end) => {
        const file = await prepared(encrypted);
        const part = await againOf(file, { start, end });
        return (
          Buffer.compare(await againOf(file), encrypted) === 0 &&
          Buffer.compare(part, encrypted.subarray(start, Math.max(start, end))) === 0
        );
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('notices content that is not that of the record', async () => {
    const { record, content } = await prepared(encrypt(random.bytes(100)));
    const codeFor = (contentBytes: number, readContent: ReadContent) =>
      Array.fromAsync(encryptAgain(record, { contentBytes, readContent })).then(
        () => undefined,
        (error: unknown) => (error instanceof KnownError ? error.code : error),
      );
    for (const contentBytes of [0, 99, 101, 116])
      expect(await codeFor(contentBytes, readerOf(content))).toBe('vault.cipher-content-differs');
    expect(await codeFor(100, readerOf(content.subarray(0, 99)))).toBe('vault.cipher-content-short');
  });
});

describe('a part of a large file', () => {
  let encrypted: Uint8Array;
  let file: Prepared;
  beforeAll(async () => {
    encrypted = encrypt(random.bytes(24 * MEBIBYTE + 12_345));
    file = await prepared(encrypted);
  });

  test('is the same as that part of the whole', async () => {
    expect(file.record.marks.length).toBe(3 * 16);
    expect(Buffer.compare(await againOf(file), encrypted)).toBe(0);
    const edges = [0, 1, 8 * MEBIBYTE, 16 * MEBIBYTE, 24 * MEBIBYTE, encrypted.length].flatMap((edge) =>
      [edge - 17, edge - 1, edge, edge + 1, edge + 16].filter((at) => at >= 0),
    );
    for (const start of edges) {
      const end = start + 1 + random.below(100_000);
      expect(Buffer.compare(await againOf(file, { start, end }), encrypted.subarray(start, end))).toBe(0);
    }
  });

  test('needs the content from the mark before it, and no more', async () => {
    const asked: unknown[] = [];
    const readContent: ReadContent = (range) => {
      asked.push(range);
      return readerOf(file.content)(range);
    };
    const range = { start: 17 * MEBIBYTE, end: 17 * MEBIBYTE + 1 };
    await Array.fromAsync(
      encryptAgain(file.record, { contentBytes: file.content.length, readContent, range }),
    );
    expect(asked).toEqual([{ start: 16 * MEBIBYTE, end: 17 * MEBIBYTE + 16 }]);
  });
});
