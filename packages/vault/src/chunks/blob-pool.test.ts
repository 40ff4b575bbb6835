import { createHash } from 'node:crypto';
import { seededRandom } from '@rootcellar/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleVault, filesIn, saveExample } from '../example-vault.ts';
import { openSnapshot } from '../snapshots/snapshot-tree.ts';
import type { PreparedBlob } from './blob.ts';
import { type BlobPool, openBlobPool } from './blob-pool.ts';
import { decompress } from './compress.ts';
import { openBytes, type SealKey } from './seal.ts';

const random = seededRandom('pool');
const KEY: SealKey = { encrypt: random.bytes(32), macK: random.bytes(16), macR: random.bytes(16) };

let pool: BlobPool;
beforeEach(() => {
  pool = openBlobPool({ key: KEY, threads: 2 });
});
afterEach(() => pool.close());

function plainOf({ sealed, uncompressedLength }: PreparedBlob): Uint8Array {
  const opened = openBytes(KEY, sealed);
  return uncompressedLength === undefined ? opened : decompress(opened, uncompressedLength);
}

describe('a pool that prepares blobs', () => {
  test('gives the right answer to each of many calls at once', async () => {
    const plains = Array.from({ length: 300 }, (_, at) =>
      at % 3 === 0 ? random.bytes(random.below(20_000)) : new Uint8Array(random.below(99_999)).fill(at),
    );
    const blobs = await Promise.all(plains.map((plain) => pool.prepareBlob(Uint8Array.from(plain), 'data')));
    for (const [at, blob] of blobs.entries()) {
      const plain = plains[at] ?? new Uint8Array();
      expect(blob.id).toBe(createHash('sha256').update(plain).digest('hex'));
      expect(blob.length).toBe(plain.length);
      expect(Buffer.compare(plainOf(blob), plain)).toBe(0);
    }
  });

  test('compresses a tree always, a chunk where it is worth it', async () => {
    const data = await pool.prepareBlob(random.bytes(100), 'data');
    const tree = await pool.prepareBlob(random.bytes(100), 'tree');
    expect(data.uncompressedLength).toBeUndefined();
    expect(tree.uncompressedLength).toBe(100);
    expect(plainOf(tree).length).toBe(100);
  });

  test('moves memory, and copies only what shares it', async () => {
    const alone = random.bytes(5000);
    const shared = random.bytes(9000);
    await pool.prepareBlob(alone, 'data');
    const { length } = await pool.prepareBlob(shared.subarray(1, 5001), 'data');
    expect([alone.length, shared.length, length]).toEqual([0, 9000, 5000]);
  });

  test('takes the id that is known already', async () => {
    expect((await pool.prepareBlob(random.bytes(10), 'data', { id: 'f'.repeat(64) })).id).toBe(
      'f'.repeat(64),
    );
  });

  test('stops at once when it is told to, and goes on with the rest', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const plains = Array.from({ length: 20 }, () => random.bytes(300_000));
    const stopped = plains.map((plain) => pool.prepareBlob(plain, 'data', { signal }));
    const other = pool.prepareBlob(random.bytes(10), 'data');
    abort.abort(new Error('enough'));
    for (const each of await Promise.allSettled(stopped))
      expect(each).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    expect((await other).length).toBe(10);
    // What had not been taken by a thread never is.
    expect(plains.filter(({ length }) => length === 0).length).toBeLessThanOrEqual(4);
    await expect(pool.prepareBlob(random.bytes(10), 'data', { signal })).rejects.toThrow('enough');
  });

  test('hands on what goes wrong in a thread, and goes on', async () => {
    const wrong = openBlobPool({ key: { ...KEY, encrypt: random.bytes(31) }, threads: 1 });
    const failing = Array.from({ length: 5 }, () => wrong.prepareBlob(random.bytes(10), 'data'));
    for (const each of await Promise.allSettled(failing))
      expect(each).toMatchObject({ status: 'rejected', reason: { message: 'Invalid key length' } });
    await wrong.close();
  });

  test('never takes memory that was given away for an empty blob', async () => {
    const plain = random.bytes(10);
    expect((await pool.prepareBlob(plain, 'data')).length).toBe(10);
    const again = await Promise.allSettled([1, 2, 3, 4, 5].map(() => pool.prepareBlob(plain, 'data')));
    expect(again.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect((await pool.prepareBlob(random.bytes(10), 'data')).length).toBe(10);
  });

  test('does not wait for ever until small blobs are many', async () => {
    const [one, other] = [random.bytes(10), random.bytes(20)];
    expect((await pool.prepareBlob(one, 'data')).length).toBe(10);
    expect((await pool.prepareBlob(other, 'data')).length).toBe(20);
  });

  test('refuses to gather more than it could ever hold', async () => {
    const megabytes = Array.from({ length: 290 }, () => pool.prepareBlob(Buffer.alloc(1024 * 1024), 'data'));
    const settled = Promise.allSettled(megabytes);
    await pool.close();
    const reasons = (await settled).map((each) => (each.status === 'rejected' ? String(each.reason) : ''));
    expect(reasons.filter((reason) => reason.includes('Too many blobs')).length).toBeGreaterThan(0);
  });

  test('closed, fails what is open and what comes later', async () => {
    const open = Array.from({ length: 9 }, () => pool.prepareBlob(random.bytes(300_000), 'data'));
    const settled = Promise.allSettled(open);
    await pool.close();
    for (const each of await settled) expect(each.status).toBe('rejected');
    await expect(pool.prepareBlob(random.bytes(10), 'data')).rejects.toThrow('closed');
    await pool.close();
  });

  test('serves a vault', async () => {
    const contents = await exampleVault();
    const ofVault = openBlobPool({ key: contents.repository.key, threads: 2 });
    try {
      const large = Buffer.from(random.bytes(3 * 1024 * 1024)).toString('latin1');
      const files = { 'a/large': large, 'a/small': 'small', empty: '' };
      const snapshot = await saveExample(contents, files, { prepare: ofVault.prepareBlob });
      const expected = { ...files, 'a/large': Buffer.from(large).toString('latin1') };
      expect(await filesIn(openSnapshot(contents, snapshot))).toEqual(expected);
    } finally {
      await ofVault.close();
    }
  });
});
