import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import { storageError } from '../errors.ts';
import { exampleVault, HASTY_CLOCK, saveExample } from '../example-vault.ts';
import { faultyStorage, type StorageCall } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { checkVault } from './check.ts';

const PACKS = 24;
const noise = (seed: string) => seededRandom(seed).bytes(40_000);

test('a check that failed leaves no thread behind that mixes up the verdicts of the next', async () => {
  let onPack: (call: StorageCall) => Promise<void> = async () => {};
  const memory = memoryStorage();
  const before = async (call: StorageCall) => {
    if (call.kind === 'get' && call.name.startsWith('data/')) await onPack(call);
  };
  const { repository } = await saveFiles();
  const check = () => checkVault(repository, { readData: 'all', clock: HASTY_CLOCK });

  const late = Promise.withResolvers<void>();
  onPack = failingAtOnceButFor(late.promise);
  await expect(check()).rejects.toMatchObject({ code: 'storage.not-reached' });
  onPack = async () => late.resolve();
  const damaged = flipBits();
  const { findings } = await check();
  const found = findings.filter(({ code }) => code === 'pack-damaged').map(({ id }) => `data/${id}`);
  expect(found.sort()).toEqual(damaged);

  async function saveFiles() {
    const contents = await exampleVault(faultyStorage(memory, { before }));
    const files = Object.fromEntries(Array.from({ length: PACKS }, (_, n) => [`${n}`, noise(`${n}`)]));
    await saveExample(contents, files, { packBytes: 1 });
    return contents;
  }

  /** The first pack is still on its way when the second cannot be fetched, for a moment at least. */
  function failingAtOnceButFor(arrival: Promise<void>) {
    let packs = 0;
    return async () => {
      packs += 1;
      if (packs > 1) throw storageError('not-reached');
      await Promise.race([arrival, wait(100)]);
    };
  }

  function flipBits(): readonly string[] {
    const packs = [...memory.files.keys()].filter((name) => name.startsWith('data/')).sort();
    const damaged = packs.filter((_, at) => at % 2 === 0);
    for (const name of damaged) {
      const bytes = Uint8Array.from(memory.files.get(name) ?? []);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      memory.files.set(name, bytes);
    }
    return damaged;
  }
});
