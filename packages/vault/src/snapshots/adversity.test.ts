import { seededRandom } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { storageError } from '../errors.ts';
import { EXAMPLE_PASSWORD, exampleVault, filesIn, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import { Contents } from '../repository/contents.ts';
import { openRepository } from '../repository/repository.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { type MemoryStorage, memoryStorage } from '../storage/memory-storage.ts';
import { patientStorage } from '../storage/patient-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { checkVault } from '../upkeep/check.ts';
import { prune } from '../upkeep/prune.ts';
import { listSnapshots } from './snapshot-list.ts';
import { openSnapshot } from './snapshot-tree.ts';

const clock = HASTY_CLOCK;
const open = async (storage: Storage) =>
  Contents.open(await openRepository(storage, { password: EXAMPLE_PASSWORD }));

const noise = (seed: string) => seededRandom(seed).bytes(60_000);

async function expectWhole(storage: MemoryStorage, snapshots: number): Promise<void> {
  const { repository } = await open(storage);
  expect(await checkVault(repository, { readData: 'all', clock })).toMatchObject({
    isWhole: true,
    snapshots,
  });
}

describe('a vault', () => {
  test('takes two writers at once, who store the same content', async () => {
    const storage = memoryStorage();
    await exampleVault(storage);
    const writers = await Promise.all([open(storage), open(storage), open(storage)]);
    const saved = await Promise.all(
      writers.map((contents, n) =>
        saveExample(contents, { shared: noise('shared'), own: noise(`${n}`) }, { packBytes: 20_000 }),
      ),
    );
    await expectWhole(storage, 3);
    const reader = await open(storage);
    for (const [n, snapshot] of saved.entries()) {
      const { own } = await filesIn(openSnapshot(reader, snapshot));
      expect(own).toBe(Buffer.from(noise(`${n}`)).toString('latin1'));
    }
    // What two have stored twice goes with the next prune.
    await prune(reader.repository, { clock, unusedFractionMax: 0 });
    await expectWhole(storage, 3);
  });

  test('is not pruned while somebody writes, so that nothing is deleted under a writer', async () => {
    const storage = memoryStorage();
    let meanwhile: Promise<unknown> | undefined;
    const watched = faultyStorage(storage, {
      after: async ({ kind, name }) => {
        if (kind !== 'put' || !name.startsWith('data/') || meanwhile !== undefined) return;
        const other = await open(storage);
        meanwhile = expect(prune(other.repository, { clock })).rejects.toMatchObject({
          code: 'vault.locked',
        });
        await meanwhile;
      },
    });
    await saveExample(await exampleVault(watched), { a: noise('a') }, { packBytes: 20_000 });
    expect(meanwhile).toBeDefined();
    await expectWhole(storage, 1);
  });

  test('a reader that opened it before it was pruned learns where everything is now', async () => {
    const storage = memoryStorage();
    const writer = await exampleVault(storage);
    const first = await saveExample(writer, { a: noise('a'), b: noise('b') });
    const reader = await open(storage);
    for (let n = 0; n < 9; n += 1) await saveExample(writer, { n: `${n}` });
    await prune(writer.repository, { clock });
    await reader.refresh();
    expect(Object.keys(await filesIn(openSnapshot(reader, first)))).toEqual(['a', 'b']);
  });

  test('that becomes full keeps what it had, and goes on when there is space', async () => {
    const before = memoryStorage();
    await saveExample(await exampleVault(before), { a: noise('a') });
    let usedBytes = 0;
    for (const bytes of before.files.values()) usedBytes += bytes.length;
    for (const spareBytes of [0, 1000, 30_000, 61_000, 120_500]) {
      const full = memoryStorage({ files: before.files, capacityBytes: usedBytes + spareBytes });
      const save = async () =>
        saveExample(await open(full), { b: noise('b'), c: noise('c') }, { packBytes: 50_000 });
      await expect(save()).rejects.toMatchObject({ code: 'storage.full' });
      await expectWhole(memoryStorage({ files: full.files }), 1);
      const larger = memoryStorage({ files: full.files });
      await saveExample(await open(larger), { b: noise('b'), c: noise('c') });
      await expectWhole(larger, 2);
    }
  });

  test('is written through a storage that fails now and then, as if it never did', async () => {
    const storage = memoryStorage();
    const random = seededRandom('now and then');
    const moody = faultyStorage(storage, {
      before: () => {
        if (random.below(4) === 0) throw storageError('not-reached');
      },
      after: () => {
        if (random.below(6) === 0) throw storageError('busy', { status: 503 });
      },
    });
    const patient = patientStorage(moody, { attemptsMax: 20, firstPauseMs: 0 });
    const contents = await exampleVault(patient);
    for (const seed of ['1', '2', '3'])
      await saveExample(contents, { same: noise('0'), own: noise(seed) }, { packBytes: 20_000 });
    await prune(contents.repository, { clock });
    await expectWhole(storage, 3);
  });

  test('never believes a storage that lies', async () => {
    const storage = memoryStorage();
    const files = { a: noise('a'), b: 'small', c: noise('c') };
    const snapshot = await saveExample(await exampleVault(storage), files, { packBytes: 20_000 });
    const truth = await filesIn(openSnapshot(await open(storage), snapshot));
    const random = seededRandom('lies');
    let refused = 0;
    for (let run = 0; run < 60; run += 1) {
      let calls = 0;
      const lieAt = random.below(12);
      const liar = faultyStorage(storage, {
        lie: (_, bytes) => {
          calls += 1;
          if (calls !== lieAt + 1 || bytes.length === 0) return bytes;
          const lie = Uint8Array.from(bytes);
          const at = random.below(lie.length);
          lie[at] = (lie[at] ?? 0) ^ (1 << random.below(8));
          return lie;
        },
      });
      const contents = await open(liar).catch(() => undefined);
      const read = contents && (await filesIn(openSnapshot(contents, snapshot)).catch(() => undefined));
      if (read === undefined) refused += 1;
      else expect(read).toEqual(truth);
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('a save that is stopped ends soon, lets go of its lock, and leaves no snapshot', async () => {
    const storage = memoryStorage();
    const contents = await exampleVault(storage);
    const stop = new AbortController();
    const saving = saveExample(
      contents,
      { a: noise('a'), b: noise('b') },
      {
        signal: stop.signal,
        onFile: () => stop.abort(new Error('stopped')),
      },
    );
    await expect(saving).rejects.toThrow('stopped');
    expect([...storage.files.keys()].filter((name) => /^(locks|snapshots)\//.test(name))).toEqual([]);
    expect(await listSnapshots(contents.repository)).toEqual([]);
    await saveExample(contents, { a: noise('a') });
    await expectWhole(storage, 1);
  });
});
