import { memoryTree, Secret, treePath } from '@rootcellar/core';
import {
  Contents,
  createRepository,
  listSnapshots,
  type MemoryStorage,
  memoryStorage,
  openSnapshot,
  prune,
  type Repository,
  saveSnapshot,
} from '@rootcellar/vault';
import { beforeEach, describe, expect, test } from 'vitest';
import { salvageVault } from './salvage-vault.ts';

const udid = '00008030-001A2B3C4D5E6F70';

describe('what was stored of a backup that lacks its list of files', () => {
  let storage: MemoryStorage;
  let repository: Repository;
  const salvage = async () => (await salvageVault(repository, { udid, signal: undefined })).recovered;
  const record = () => [...storage.files.keys()].find((name) => name.startsWith('snapshots/')) ?? 'config';

  beforeEach(async () => {
    storage = memoryStorage();
    const password = new Secret('Gravensteiner');
    repository = await createRepository(storage, { password, work: { N: 2, r: 8, p: 1 } });
    const tree = memoryTree();
    await tree.write(treePath(`${udid}/ab/photo`), [Buffer.from('a photo')]);
    const contents = await Contents.open(repository);
    await saveSnapshot(contents, {
      tree,
      paths: [`/${udid}`],
      hostname: 'hub',
      tags: ['incomplete', 'partial'],
    });
  });

  test('has a record of its own before its damaged one goes, so that nobody prunes it', async () => {
    const damaged = record();
    storage.files.set(damaged, Uint8Array.from(storage.files.get(damaged) ?? []).fill(1, 20, 30));
    expect(await salvage()).toHaveLength(1);
    expect(storage.files.has(damaged)).toBe(false);
    await prune(repository);
    const [found] = await listSnapshots(repository);
    if (found === undefined) throw new Error('It is gone');
    const home = openSnapshot(await Contents.open(repository), found);
    const [photo] = await Array.fromAsync(home.read(treePath(`${udid}/ab/photo`)));
    expect(Buffer.from(photo ?? []).toString()).toBe('a photo');
    expect(await salvage()).toEqual([]);
  });

  test('has a record again, with its time, when it is remembered as a backup', async () => {
    const [lost] = await listSnapshots(repository);
    storage.files.delete(record());
    const time = new Date(Date.UTC(2026, 4, 3));
    const timeOf = (tree: string) => (tree === lost?.tree ? time : undefined);
    await salvageVault(repository, { udid, timeOf, signal: undefined });
    expect(await listSnapshots(repository)).toMatchObject([{ tree: lost?.tree, time }]);
  });

  test('is taken for what a run has left that was stopped when no record is damaged', async () => {
    storage.files.delete(record());
    expect(await salvage()).toEqual([]);
  });
});
