import { setImmediate } from 'node:timers/promises';
import { seededRandom } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealBytes } from '../chunks/seal.ts';
import { vaultError } from '../errors.ts';
import { exampleVault } from '../example-vault.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { joinedBytes } from '../storage/storage.ts';
import { BlobReader } from './blob-reader.ts';
import { BlobWriter } from './blob-writer.ts';
import { idOf } from './ids.ts';
import { newMasterKey } from './key-file.ts';
import { loadIndex } from './load-index.ts';
import { PackBlocks } from './pack-blocks.ts';
import { PackBuilder } from './pack-builder.ts';
import { decodePackHeader, packBytes } from './pack-header.ts';
import { packHeaderOf, readPackHeader } from './pack-reader.ts';
import { prepareBlobWith } from './prepare-blob.ts';

const key = newMasterKey();

function examplePack(count: number) {
  const builder = new PackBuilder(new PackBlocks());
  for (let n = 0; n < count; n += 1) {
    const plain = Buffer.from(`blob ${n}`);
    const uncompressedLength = n % 2 ? 500 : undefined;
    builder.add({
      id: idOf(plain),
      type: n % 3 ? 'data' : 'tree',
      sealed: sealBytes(key, plain),
      uncompressedLength,
    });
  }
  return builder.finish(key);
}

describe('a pack', () => {
  test('says at its end what is in it', () => {
    const { parts, blobs, id, sizeBytes } = examplePack(7);
    const bytes = joinedBytes(parts);
    expect(packHeaderOf({ key }, bytes)).toEqual(blobs);
    expect([packBytes(blobs), sizeBytes]).toEqual([bytes.length, bytes.length]);
    expect(id).toBe(idOf(bytes));
    expect(blobs.at(1)).toMatchObject({ type: 'data', offset: blobs[0]?.length, uncompressedLength: 500 });
  });

  test('is read from its end, however long the list is', async () => {
    const storage = memoryStorage();
    for (const count of [1, 100, 3000]) {
      const { parts, blobs, id, sizeBytes } = examplePack(count);
      await storage.put(`data/${id}`, parts);
      expect(await readPackHeader({ storage, key }, { id, sizeBytes })).toEqual(blobs);
    }
  });

  test('that was cut or changed anywhere is refused, or its list is as it was', () => {
    const { parts, blobs } = examplePack(3);
    const bytes = joinedBytes(parts);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      for (const damaged of [changed, bytes.subarray(0, at)]) {
        try {
          expect(packHeaderOf({ key }, damaged)).toEqual(blobs);
          expect(damaged).toBe(changed);
        } catch (error) {
          if (!vaultError.matches(error)) throw error;
        }
      }
    }
  });

  test('of any bytes as a list gives blobs or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (plain) => {
        try {
          decodePackHeader(key, sealBytes(key, plain));
        } catch (error) {
          if (!vaultError.matches(error)) throw error;
        }
      }),
      { seed: 1 },
    );
  });
});

test('an index file takes 50,000 blobs; more are in several, each once', { timeout: 60_000 }, async () => {
  const { repository, index } = await exampleVault();
  const prepare = prepareBlobWith(repository.key);
  const writer = new BlobWriter({ place: repository, index, prepare, packBytes: 40_000 });
  const ids: string[] = [];
  for (let number = 0; number < 60_000; number += 1)
    ids.push(await writer.save(Buffer.from(`blob ${number}`), 'data'));
  await writer.flush();
  const loaded = await loadIndex(repository);
  expect(loaded.fileIDs).toHaveLength(2);
  expect([...loaded.fileIDs].sort()).toEqual([...writer.indexFileIDs].sort());
  expect(loaded.index.size).toBe(ids.length);
  for (const id of ids) {
    if (JSON.stringify(loaded.index.get(id, 'data')) !== JSON.stringify(index.get(id, 'data')))
      expect.fail('A blob is in another place.');
  }
});

describe('reading blobs', () => {
  async function written(plains: readonly Uint8Array[]) {
    const storage = memoryStorage();
    const { repository, index } = await exampleVault(storage);
    const prepare = prepareBlobWith(repository.key);
    const writer = new BlobWriter({ place: repository, index, prepare, packBytes: 100_000 });
    const ids: string[] = [];
    for (const plain of plains) ids.push(await writer.save(plain, 'data'));
    await writer.flush();
    return { storage, repository, index, ids, reader: new BlobReader(repository, () => index) };
  }

  test('gives many in their order, whatever packs they lie in', async () => {
    const random = seededRandom('blobs');
    const plains = Array.from({ length: 60 }, () => random.bytes(1 + random.below(20_000)));
    const { reader, ids } = await written(plains);
    const mixed = [...ids, ...ids.toReversed(), ids[3] ?? ''];
    const read = await Array.fromAsync(reader.readAll(mixed));
    expect(read.map(idOf)).toEqual(mixed);
  });

  test('gives the same on all cores, and tells of damage as elsewhere', async () => {
    const random = seededRandom('on all cores');
    const plains = [300_000, 10, 0, 90_000, 70_000, 1_000, 250_000].map((bytes) => random.bytes(bytes));
    const { reader, ids, storage, repository, index } = await written(plains);
    const read = await reader.onAllCores(async () => {
      const one = await reader.read(ids[0] ?? '', 'data');
      return [one, ...(await Array.fromAsync(reader.readAll(ids)))];
    });
    expect(read.map(idOf)).toEqual([ids[0], ...ids]);

    const blob = index.get(ids[3] ?? '', 'data');
    const pack = storage.files.get(`data/${blob?.packID}`);
    if (pack && blob) pack[blob.offset + 50_000] = (pack[blob.offset + 50_000] ?? 0) ^ 1;
    const damaged = new BlobReader(repository, () => index);
    const reading = damaged.onAllCores(() => Array.fromAsync(damaged.readAll(ids)));
    await expect(reading).rejects.toMatchObject({ code: 'vault.blob-damaged' });
  });

  test('gives lent pieces that are right while they are lent, also one that comes again', async () => {
    const random = seededRandom('lent');
    const plains = [300_000, 10, 90_000, 70_000, 1_000, 6_000_000, 250_000].map((bytes) =>
      random.bytes(bytes),
    );
    const { ids, reader } = await written(plains);
    const again = [...ids, ids[0] ?? '', ...ids.toReversed()];
    const read = () =>
      Array.fromAsync(reader.readAll(again, { lent: true }), (plain) => idOf(Uint8Array.from(plain)));
    expect(await read()).toEqual(again);
    expect(await reader.onAllCores(read)).toEqual(again);
  });

  test('asks for some places at a time, however many it foresees', async () => {
    const random = seededRandom('scattered');
    const { ids, index, repository } = await written(Array.from({ length: 400 }, () => random.bytes(60_000)));
    let calls = 0;
    let most = 0;
    const storage = Object.assign(Object.create(repository.storage), {
      get: async (...asked: Parameters<typeof repository.storage.get>) => {
        most = Math.max(most, ++calls);
        await setImmediate();
        return repository.storage.get(...asked).finally(() => calls--);
      },
    });
    const reader = new BlobReader({ key: repository.key, storage }, () => index);
    reader.foresee(ids);
    const read = await Array.fromAsync(reader.readAll(ids, { lent: true }), (plain) => idOf(plain));
    expect(read).toEqual(ids);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(64);
  });

  test('serves two readers in turn, and one that stops halfway takes nothing from the other', async () => {
    const random = seededRandom('two readers');
    const { ids, reader } = await written(Array.from({ length: 90 }, () => random.bytes(200_000)));
    const [whole, half] = [reader.readAll(ids, { lent: true }), reader.readAll(ids, { lent: true })];
    const read: string[] = [];
    for (let next = await whole.next(); !next.done; next = await whole.next()) {
      read.push(idOf(next.value));
      if (read.length < 30) await half.next();
      else await half.return();
    }
    expect(read).toEqual(ids);
  });

  test('refuses a blob that is well sealed, but another one', async () => {
    const { storage, repository, index, ids } = await written([Buffer.alloc(100, 'a')]);
    const blob = index.get(ids[0] ?? '', 'data');
    const name = `data/${blob?.packID}` as const;
    const other = await prepareBlobWith(repository.key)(Buffer.alloc(100, 'b'), 'data');
    expect(other.sealed.length).toBe(blob?.length);
    storage.files.set(
      name,
      Buffer.concat([
        other.sealed,
        storage.files.get(name)?.subarray(other.sealed.length) ?? new Uint8Array(),
      ]),
    );
    const reader = new BlobReader(repository, () => index);
    await expect(reader.read(ids[0] ?? '', 'data')).rejects.toMatchObject({ code: 'vault.blob-damaged' });
    await expect(Array.fromAsync(reader.readAll(ids))).rejects.toMatchObject({
      code: 'vault.blob-damaged',
    });
  });

  test('uses another pack when the first that has the blob is damaged', async () => {
    const plain = Buffer.from('twice '.repeat(100));
    const { storage, repository, index, ids } = await written([plain]);
    const name = `data/${index.get(ids[0] ?? '', 'data')?.packID}` as const;
    const prepared = await prepareBlobWith(repository.key)(plain, 'data');
    const builder = new PackBuilder(new PackBlocks());
    builder.add(prepared);
    const second = builder.finish(repository.key);
    await storage.put(`data/${second.id}`, second.parts);
    index.addPack(second.id, second.blobs);
    storage.files.set(name, Buffer.from('gone'));
    const reader = new BlobReader(repository, () => index);
    expect(idOf(await reader.read(ids[0] ?? '', 'data'))).toBe(ids[0]);
  });
});
