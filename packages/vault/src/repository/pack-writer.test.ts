import { setImmediate } from 'node:timers/promises';
import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { exampleVault } from '../example-vault.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { BlobReader } from './blob-reader.ts';
import { BlobWriter } from './blob-writer.ts';
import { idOf } from './ids.ts';
import { prepareBlobWith } from './prepare-blob.ts';

const PACK_BYTES = 500_000;
/** Too large to be copied together with others: its memory is needed as long as the pack is. */
const BLOB_BYTES = 100_000;

/** Being compressed or sealed, or waiting for a pack. */
const IN_WORK_BYTES_MAX = 8 * 1024 * 1024;

test('a storage that does not come along holds up whoever saves, and memory does not grow', async () => {
  const storage = memoryStorage();
  const { repository, index } = await exampleVault(storage);
  const stalled = Promise.withResolvers<void>();
  const slow = faultyStorage(storage, {
    before: ({ kind }) => (kind === 'put' ? stalled.promise : undefined),
  });
  let inMemoryBytes = 0;
  const prepare = prepareBlobWith(repository.key);
  const writer = new BlobWriter({
    place: { key: repository.key, storage: slow },
    index,
    packBytes: PACK_BYTES,
    async prepare(plain, type, options) {
      const blob = await prepare(plain, type, options);
      inMemoryBytes += BLOB_BYTES;
      return { ...blob, release: () => (inMemoryBytes -= BLOB_BYTES) };
    },
  });

  const random = seededRandom('a slow storage');
  const saving = Array.from({ length: 500 }, () => writer.save(random.bytes(BLOB_BYTES), 'data'));
  for (let turn = 0; turn < 1_000; turn += 1) await setImmediate();
  // Two packs are open, one is on its way, one waits for it.
  expect(inMemoryBytes).toBeLessThan(IN_WORK_BYTES_MAX + 4.5 * PACK_BYTES);

  stalled.resolve();
  await Promise.all(saving);
  await writer.flush();
  expect(inMemoryBytes).toBe(0);
  expect(writer.added.dataBlobs).toBe(500);
});

test('blobs that were copied together are what was saved, however long their packs waited', async () => {
  const storage = memoryStorage();
  const { repository, index } = await exampleVault(storage);
  const stalled = Promise.withResolvers<void>();
  const slow = faultyStorage(storage, {
    before: ({ kind }) => (kind === 'put' ? stalled.promise : undefined),
  });
  const prepare = prepareBlobWith(repository.key);
  const place = { key: repository.key, storage: slow };
  const writer = new BlobWriter({ place, index, packBytes: 3_000_000, prepare });
  const random = seededRandom('copied together');
  const saving = Array.from({ length: 2_000 }, (_, n) =>
    writer.save(random.bytes(n % 50 === 0 ? 70_000 : 1 + random.below(12_000)), 'data'),
  );
  for (let turn = 0; turn < 1_000; turn += 1) await setImmediate();
  stalled.resolve();
  const ids = await Promise.all(saving);
  await writer.flush();
  const reader = new BlobReader(repository, () => index);
  expect((await Array.fromAsync(reader.readAll(ids))).map(idOf)).toEqual(ids);
});
