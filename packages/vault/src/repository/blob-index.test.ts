import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BlobIndex } from './blob-index.ts';
import type { PackedBlob } from './pack-header.ts';

const newID = () => randomBytes(32).toString('hex');
const blob = (values: Partial<PackedBlob> = {}): PackedBlob => ({
  id: newID(),
  type: 'data',
  offset: 0,
  length: 100,
  uncompressedLength: undefined,
  ...values,
});

describe('an index of blobs', () => {
  test('finds each blob where it was said to be', () => {
    const index = new BlobIndex();
    const packs = Array.from({ length: 50 }, () => ({
      id: newID(),
      blobs: Array.from({ length: 100 }, (_, n) =>
        blob({
          offset: n * 7,
          length: n,
          type: n % 3 ? 'data' : 'tree',
          uncompressedLength: n % 2 ? n * 10 : undefined,
        }),
      ),
    }));
    for (const { id, blobs } of packs) index.addPack(id, blobs);
    expect(index.size).toBe(5000);
    for (const pack of packs) {
      for (const one of pack.blobs) expect(index.get(one.id, one.type)).toEqual({ ...one, packID: pack.id });
    }
    expect(
      [...index.packs()].map(({ id, blobs }) => ({ id, blobs: blobs.map(({ packID, ...rest }) => rest) })),
    ).toEqual(packs);
    expect([...index.entries()].map(({ id }) => id)).toEqual(
      packs.flatMap(({ blobs }) => blobs.map(({ id }) => id)),
    );
  });

  test('keeps data and trees apart, and does not know what it was not told', () => {
    const index = new BlobIndex();
    const one = blob({ type: 'tree' });
    index.addPack(newID(), [one]);
    expect(index.has(one.id, 'tree')).toBe(true);
    expect(index.has(one.id, 'data')).toBe(false);
    expect(index.get(newID(), 'tree')).toBeUndefined();
    expect(index.getAll(newID(), 'tree')).toEqual([]);
  });

  test('knows every place of a blob, and each place once', () => {
    const index = new BlobIndex();
    const one = blob();
    const [first, second] = [newID(), newID()];
    index.addPack(first, [one]);
    index.addPack(second, [{ ...one, offset: 7 }]);
    index.addPack(first, [one]);
    expect(index.getAll(one.id, 'data').map(({ packID, offset }) => [packID, offset])).toEqual([
      [first, 0],
      [second, 7],
    ]);
    expect(index.size).toBe(2);
  });

  test('holds a blob at the far end of a large pack, with the largest numbers', () => {
    const index = new BlobIndex();
    const one = blob({
      offset: 0xffff_ff00,
      length: 0xffff_fffe,
      uncompressedLength: 0xffff_fffe,
      type: 'tree',
    });
    index.addPack(newID(), [one]);
    expect(index.get(one.id, 'tree')).toMatchObject(one);
  });

  test('needs less than 80 MB for a million blobs', () => {
    const index = new BlobIndex();
    const before = process.memoryUsage();
    for (let pack = 0; pack < 1000; pack += 1) {
      const ids = randomBytes(32 * 1000);
      const idAt = (n: number) => ids.subarray(n * 32, n * 32 + 32).toString('hex');
      const same = { type: 'data', length: 100, uncompressedLength: undefined } as const;
      index.addPack(
        newID(),
        Array.from({ length: 1000 }, (_, n) => ({ ...same, id: idAt(n), offset: n })),
      );
    }
    const after = process.memoryUsage();
    expect(index.size).toBe(1_000_000);
    // Typed arrays live outside the heap of JavaScript; what is on it are a thousand names of packs.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(80e6);
  });
});
