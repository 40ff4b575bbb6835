import { Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decrypted, encrypt, inPieces, random, recordOf } from './example-cipher.ts';

const SEED = { seed: 1, numRuns: 200 };

describe('decrypting provably', () => {
  test('gives the content of what a phone encrypted, and says that it can be encrypted again', async () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 131_071, 131_072, 131_073, 600_000]) {
      const plain = random.bytes(length);
      const { content, verdict } = await decrypted(encrypt(plain));
      expect(Buffer.compare(content, plain), `${length} bytes`).toBe(0);
      expect(verdict).toMatchObject({
        kind: 'equal',
        record: { contentBytes: length, isPadded: true, rest: new Uint8Array(0) },
      });
    }
  });

  test('gives the same whatever the pieces are', async () => {
    const plain = random.bytes(300_000);
    const encrypted = encrypt(plain);
    for (const pieceBytes of [() => 1, () => 16, () => 1 + random.below(40), () => 131_073, () => 300_016]) {
      const { content, verdict } = await decrypted(encrypted, { source: inPieces(encrypted, pieceBytes) });
      expect(Buffer.compare(content, plain)).toBe(0);
      expect(verdict).toMatchObject({ kind: 'equal', record: { contentBytes: 300_000 } });
    }
  });

  test('keeps all that was decrypted where there is no padding', async () => {
    const plain = new Uint8Array(64).fill(0x41);
    const { content, verdict } = await decrypted(encrypt(plain, false));
    expect(content).toEqual(Buffer.from(plain));
    expect(verdict).toMatchObject({ record: { contentBytes: 64, isPadded: false } });
  });

  test('does not mind that a source uses its memory again', async () => {
    const encrypted = encrypt(random.bytes(9 * 1024 * 1024));
    const source = (async function* () {
      const memory = Buffer.alloc(8 * 1024 * 1024 + 7);
      for (let at = 0; at < encrypted.length; at += memory.length)
        yield memory.subarray(0, encrypted.copy(memory, 0, at));
      memory.fill(0);
    })();
    const record = recordOf((await decrypted(encrypted, { source })).verdict);
    const block = encrypted.subarray(8 * 1024 * 1024 - 16, 8 * 1024 * 1024);
    expect(Buffer.compare(record.marks, block)).toBe(0);
  });

  test('takes for padding what looks like it, and makes it again', async () => {
    const { content, verdict } = await decrypted(encrypt(new Uint8Array(32).fill(1), false));
    expect(content.length).toBe(31);
    expect(verdict).toMatchObject({ record: { contentBytes: 31, isPadded: true } });
  });

  test('keeps the end of a file that was cut within a block', async () => {
    const encrypted = encrypt(random.bytes(100)).subarray(0, 75);
    const { content, verdict } = await decrypted(encrypted);
    expect(content.length).toBe(64);
    expect(verdict).toMatchObject({
      record: { contentBytes: 64, isPadded: false, rest: Uint8Array.from(encrypted.subarray(64)) },
    });
  });

  test('of nothing makes nothing', async () => {
    const { content, verdict } = await decrypted(new Uint8Array(0));
    expect(content.length).toBe(0);
    expect(verdict).toMatchObject({ record: { contentBytes: 0, isPadded: false } });
  });

  test('with a wrong key says that there was no padding, for nearly all keys', async () => {
    const key = new Secret(new Uint8Array(32).fill(3));
    const { verdict } = await decrypted(encrypt(random.bytes(1000)), { key });
    expect(verdict).toMatchObject({ kind: 'equal', record: { isPadded: false } });
  });

  test('says that it is different when one byte is, and gives no more', async () => {
    for (const wrongAt of [0, 1_000_000, 1_999_999, 2_000_015]) {
      let at = 0;
      const encrypted = encrypt(random.bytes(2_000_000));
      const encryptor = () => ({
        update: (blocks: Uint8Array) => {
          const again = Uint8Array.from(encrypted.subarray(at, at + blocks.length));
          if (wrongAt >= at && wrongAt < at + blocks.length)
            again[wrongAt - at] = (again[wrongAt - at] ?? 0) ^ 1;
          at += blocks.length;
          return again;
        },
      });
      const { content, verdict } = await decrypted(encrypted, { encryptor });
      expect(verdict).toEqual({ kind: 'different' });
      expect(content.length).toBeLessThanOrEqual(wrongAt);
    }
  });

  test('hands on an error of the source, without a verdict', async () => {
    const source = (async function* () {
      yield random.bytes(100);
      throw new Error('unplugged');
    })();
    let verdicts = 0;
    const reading = decrypted(new Uint8Array(0), { source, onEnd: () => (verdicts += 1) });
    await expect(reading).rejects.toThrow('unplugged');
    expect(verdicts).toBe(0);
  });

  test('gives content and a verdict for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const { content, verdict } = await decrypted(bytes);
        return verdict?.kind === 'equal' && verdict.record.contentBytes === content.length;
      }),
      SEED,
    );
  });
});
