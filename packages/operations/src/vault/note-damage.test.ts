import { memoryTree, Secret } from '@rootcellar/core';
import {
  Contents,
  createRepository,
  damagedAt,
  isGivenUp,
  listSnapshots,
  memoryStorage,
  type Repository,
  saveSnapshot,
  unreadableAt,
} from '@rootcellar/vault';
import { beforeEach, expect, test } from 'vitest';
import { noteDamage, noteNamedAgain } from './note-damage.ts';

const AT = '2026-05-03T10:00:00.000Z';

let repository: Repository;
const save = async (...tags: readonly string[]) => {
  const contents = await Contents.open(repository);
  const options = { tree: memoryTree(), paths: ['/phone'], hostname: 'hub', tags };
  return (await saveSnapshot(contents, options)).id;
};
const found = async () => {
  const [snapshot] = await listSnapshots(repository);
  if (snapshot === undefined) throw new Error('There is no snapshot');
  return snapshot;
};

beforeEach(async () => {
  const password = new Secret('Gravensteiner');
  repository = await createRepository(memoryStorage(), { password, work: { N: 2, r: 8, p: 1 } });
});

test('what the vault lacked and has again is damaged no longer, and what is wrong in itself still is', async () => {
  const id = await save(`damaged:${AT}`, `not-whole:${AT}`, 'archived');
  await noteDamage(repository, {
    isWhole: true,
    findings: [],
    snapshots: 1,
    damagedSnapshots: [],
    mendedSnapshots: [id],
    isIndexIncomplete: false,
    packs: 1,
    packsRead: 1,
    blobs: 1,
  });
  expect((await found()).tags).toEqual([`not-whole:${AT}`, 'archived']);
  expect(damagedAt(await found())).toEqual(new Date(AT));
  expect(unreadableAt(await found())).toBeUndefined();
});

test('what an index may name again is damaged still, and given up no longer', async () => {
  await save(`damaged:${AT}`, `given-up:${AT}`);
  await noteNamedAgain(repository, {});
  expect(isGivenUp(await found())).toBe(false);
  expect(unreadableAt(await found())).toEqual(new Date(AT));
});
