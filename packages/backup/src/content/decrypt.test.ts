import { createCipheriv } from 'node:crypto';
import { memoryTree, treePath } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { decrypt, decryptRange, type Ending } from './decrypt.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index);

function encrypt(content: Uint8Array, padded = true): Buffer {
  const cipher = createCipheriv('aes-256-cbc', KEY, Buffer.alloc(16)).setAutoPadding(padded);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function decryptAll(bytes: Uint8Array, pieceBytes = 1000): Promise<{ plain: Buffer; ending?: Ending }> {
  let ending: Ending | undefined;
  const onEnd = (end: Ending) => {
    ending = end;
  };
  const plain = Buffer.concat(await Array.fromAsync(decrypt(KEY, inPieces(bytes, pieceBytes), { onEnd })));
  return { plain, ...(ending && { ending }) };
}

const content = (bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 7) % 251));

describe('decryption', () => {
  it('agrees with the published vectors', async () => {
    const hello = Buffer.from('6b8c92765fdd589467e2f298436451d7', 'hex');
    expect(await decryptAll(hello)).toEqual({ plain: Buffer.from('Hello backup'), ending: 'valid' });
    const empty = Buffer.from('c9cb7b3859e1a550bcbf11b624022c56', 'hex');
    expect(await decryptAll(empty)).toEqual({ plain: Buffer.alloc(0), ending: 'valid' });
  });

  it('gives content of any length, in pieces of any size', async () => {
    for (const bytes of [0, 1, 15, 16, 17, 31, 32, 1000, 600_000]) {
      for (const pieceBytes of [7, 16, 1024 * 1024]) {
        if (bytes > 10_000 && pieceBytes < 16) continue;
        expect((await decryptAll(encrypt(content(bytes)), pieceBytes)).plain.equals(content(bytes))).toBe(
          true,
        );
      }
    }
  });

  it('gives all there is when the padding is missing or the end is cut off', async () => {
    const unpadded = encrypt(content(64), false);
    expect(await decryptAll(unpadded)).toEqual({ plain: content(64), ending: 'missing' });
    const cut = encrypt(content(100)).subarray(0, 50);
    expect(await decryptAll(cut)).toEqual({ plain: content(48), ending: 'cut' });
    expect(await decryptAll(Buffer.alloc(0))).toEqual({ plain: Buffer.alloc(0), ending: 'missing' });
  });

  it('gives any part, reading little more than that', async () => {
    const tree = memoryTree();
    const path = treePath('blob');
    const whole = content(5000);
    const stored = encrypt(whole);
    await tree.write(path, [stored]);
    let asked = 0;
    const counting = {
      ...tree,
      read(...[at, range]: Parameters<typeof tree.read>) {
        asked = (range?.end ?? stored.length) - (range?.start ?? 0);
        return tree.read(at, range);
      },
    };
    for (const [start, end] of [
      [0, 1],
      [0, 16],
      [15, 17],
      [16, 32],
      [100, 2000],
      [4990, 5000],
      [4999, 9000],
      [0, 5000],
      [5000, 6000],
      [9000, 9001],
      [30, 30],
      [40, undefined],
    ] as const) {
      const range = { start, ...(end !== undefined && { end }) };
      const part = decryptRange(KEY, { tree: counting, path, storedBytes: stored.length, range });
      const plain = Buffer.concat(await Array.fromAsync(part));
      expect(plain.equals(whole.subarray(start, end)), `${start} to ${end}`).toBe(true);
      if (end !== undefined) expect(asked).toBeLessThan(end - start + 64);
    }
  });
});
