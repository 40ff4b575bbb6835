import { describe, expect, test } from 'vitest';
import { decrypted, encrypt, inPieces, random, recordOf } from './example-cipher.ts';
import { provenContent } from './proven-content.ts';

async function example(length: number) {
  const plain = random.bytes(length);
  const encrypted = encrypt(plain);
  return { plain, encrypted, record: recordOf((await decrypted(encrypted)).verdict) };
}

describe('content that is proven while it is read', () => {
  test('is that of the file, lent or not', async () => {
    const { plain, encrypted, record } = await example(700_000);
    for (const lent of [false, true]) {
      const seen: Buffer[] = [];
      for await (const piece of provenContent(record, { source: inPieces(encrypted), lent }))
        seen.push(Buffer.from(piece));
      expect(Buffer.compare(Buffer.concat(seen), plain)).toBe(0);
    }
  });

  test('is refused where a processor errs, even in the last byte', async () => {
    const { encrypted, record } = await example(300_000);
    for (const wrongAt of [0, 200_000, encrypted.length - 1]) {
      let at = 0;
      const encryptor = () => ({
        update: (blocks: Uint8Array) => {
          const again = Uint8Array.from(encrypted.subarray(at, at + blocks.length));
          if (wrongAt >= at && wrongAt < at + blocks.length)
            again[wrongAt - at] = (again[wrongAt - at] ?? 0) ^ 1;
          at += blocks.length;
          return again;
        },
      });
      const reading = Array.fromAsync(provenContent(record, { source: inPieces(encrypted), encryptor }));
      await expect(reading).rejects.toMatchObject({ code: 'vault.cipher-errs' });
    }
  });

  test('is refused where the file became another one of the same size', async () => {
    const { encrypted, record } = await example(9 * 1024 * 1024);
    const other = Buffer.from(encrypted);
    // The block of the mark, which no end shows.
    other.fill(1, 8 * 1024 * 1024 - 16, 8 * 1024 * 1024);
    const reading = Array.fromAsync(provenContent(record, { source: inPieces(other) }));
    await expect(reading).rejects.toMatchObject({ code: 'vault.file-changed' });
  });
});
