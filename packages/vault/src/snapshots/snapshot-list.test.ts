import { describe, expect, test } from 'vitest';
import { storageError } from '../errors.ts';
import { exampleVault, saveExample } from '../example-vault.ts';
import { faultyStorage } from '../storage/faulty-storage.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { deleteSnapshot, findSnapshot, listSnapshots, retagSnapshot } from './snapshot-list.ts';

const NOW = { recordedAt: new Date() };

describe('a snapshot', () => {
  test('keeps its id through every change of tags', async () => {
    const vault = await exampleVault();
    const saved = await saveExample(vault, { a: '1' }, { tags: ['device:1'] });
    const archived = await retagSnapshot(vault.repository, saved, [...saved.tags, 'archived'], NOW);
    const verified = await retagSnapshot(
      vault.repository,
      archived,
      ['device:1', 'verified:2026-11-25'],
      NOW,
    );
    expect(archived.id).toBe(saved.id);
    expect(verified.id).toBe(saved.id);
    expect(new Set([saved.recordID, archived.recordID, verified.recordID]).size).toBe(3);
    expect(verified).toMatchObject({ time: saved.time, tree: saved.tree, summary: saved.summary });
    expect(await listSnapshots(vault.repository)).toEqual([verified]);
    expect(await findSnapshot(vault.repository, saved.id)).toEqual(verified);
  });

  test('has its newest tags where nothing may be deleted', async () => {
    const storage = faultyStorage(memoryStorage(), {
      before: ({ kind, name }) => {
        if (kind === 'delete' && name.startsWith('snapshots/')) throw storageError('not-permitted');
      },
    });
    const vault = await exampleVault(storage);
    const saved = await saveExample(vault, { a: '1' });
    const first = await retagSnapshot(vault.repository, saved, ['one'], NOW);
    await retagSnapshot(vault.repository, first, ['two'], NOW);
    expect(await Array.fromAsync(storage.list('snapshots'))).toHaveLength(3);
    expect((await listSnapshots(vault.repository)).map(({ tags }) => tags)).toEqual([['two']]);
  });

  test('is deleted with all its records, once', async () => {
    const vault = await exampleVault();
    const saved = await saveExample(vault, { a: '1' });
    const kept = await saveExample(vault, { a: '2' });
    await retagSnapshot(vault.repository, saved, ['one'], NOW);
    await deleteSnapshot(vault.repository, saved.id);
    expect(await listSnapshots(vault.repository)).toEqual([kept]);
    const again = deleteSnapshot(vault.repository, saved.id);
    await expect(again).rejects.toMatchObject({ code: 'vault.snapshot-unknown' });
    await expect(findSnapshot(vault.repository, saved.id)).rejects.toMatchObject({
      code: 'vault.snapshot-unknown',
    });
  });
});

test('a list of snapshots is never shorter because the storage could not be reached', async () => {
  let isAway = false;
  const storage = faultyStorage(memoryStorage(), {
    before: ({ kind, name }) => {
      if (isAway && kind === 'get' && name.startsWith('snapshots/')) throw storageError('not-reached');
    },
  });
  const vault = await exampleVault(storage);
  await saveExample(vault, { a: '1' });
  isAway = true;
  const damaged: string[] = [];
  const listed = listSnapshots(vault.repository, { onDamaged: (id) => damaged.push(id) });
  await expect(listed).rejects.toMatchObject({ code: 'storage.not-reached' });
  expect(damaged).toEqual([]);
});
