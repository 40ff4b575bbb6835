import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryTree, Secret, treePath, type WritableTree } from '@rootcellar/core';
import {
  Contents,
  createRepository,
  deleteSnapshot,
  faultyStorage,
  memoryStorage,
  openRepository,
  type Repository,
  type Snapshot,
  saveSnapshot,
} from '@rootcellar/vault';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  acceptMissed,
  lookForMissed,
  rememberImported,
  rememberNewest,
  rememberWithout,
  type VaultOfPhone,
} from './remembered-newest.ts';

const PASSWORD = new Secret('Gravensteiner');

const udid = '00008030-001A2B3C4D5E6F70';

let dataFolder: string;
let vault: VaultOfPhone;

/** By content: one that is written again has another date. */
const trees = new Map<string, WritableTree>();

async function emptyRepository(): Promise<Repository> {
  return createRepository(memoryStorage(), { password: PASSWORD, work: { N: 2, r: 8, p: 1 } });
}

/** @param content two of the same content have the same tree */
async function store(day: number, content: string, tags: readonly string[] = []): Promise<Snapshot> {
  const tree = trees.get(content) ?? memoryTree();
  if (!trees.has(content)) await tree.write(treePath(`${udid}/ab/photo`), [Buffer.from(content)]);
  trees.set(content, tree);
  const contents = await Contents.open(vault.repository);
  const time = new Date(Date.UTC(2026, 4, day));
  return saveSnapshot(contents, { tree, paths: [`/${udid}`], hostname: 'hub', tags, time });
}

async function backUp(day: number, content = `${day}`): Promise<Snapshot> {
  const snapshot = await store(day, content);
  await rememberNewest(vault, snapshot);
  return snapshot;
}

const lose = ({ id }: Snapshot) => deleteSnapshot(vault.repository, id);

/** Days of May. */
async function missedDays(): Promise<readonly number[]> {
  return (await lookForMissed(vault)).missed.map(({ takenAt }) => takenAt.getUTCDate());
}

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'rootcellar-newest-'));
  vault = { dataFolder, udid, repository: await emptyRepository() };
});
afterEach(() => rm(dataFolder, { recursive: true }));

describe('the newest backup that is gone', () => {
  test('is missed, also when there are newer ones, until its owner accepts that', async () => {
    await backUp(1);
    await lose(await backUp(2));
    expect((await lookForMissed(vault)).missed).toMatchObject([{ isNewest: true, again: undefined }]);
    await backUp(3);
    await backUp(4);
    expect((await lookForMissed(vault)).missed).toMatchObject([{ isNewest: false }]);
    expect(await missedDays()).toEqual([2]);
    expect(await acceptMissed(vault)).toEqual([new Date(Date.UTC(2026, 4, 2))]);
    expect(await missedDays()).toEqual([]);
    await lose((await lookForMissed(vault)).shown.at(-1) as Snapshot);
    expect(await missedDays()).toEqual([4]);
  });

  test('is the one that the phone made last, whatever the clock says', async () => {
    const ahead = await backUp(20);
    const now = await backUp(5);
    await lose(ahead);
    expect(await missedDays()).toEqual([]);
    await lose(now);
    expect(await missedDays()).toEqual([5]);
  });

  test('is an imported one only if none is newer', async () => {
    const made = await backUp(5);
    await rememberImported(vault, await store(3, 'older'));
    await lose(made);
    expect(await missedDays()).toEqual([5]);
    // One of the same moment takes its place.
    const same = await store(5, 'same');
    await rememberImported(vault, same);
    await lose(same);
    const imported = await store(7, 'newer');
    await rememberImported(vault, imported);
    await lose(imported);
    expect(await missedDays()).toEqual([7, 5, 5]);
  });

  test('counts as found when its tree is in the list again, and as the newest when it is whole', async () => {
    const first = await backUp(1);
    await lose(first);
    const again = await store(1, '1', ['incomplete', 'recovered']);
    expect(again.tree).toBe(first.tree);
    expect((await lookForMissed(vault)).missed).toMatchObject([{ isNewest: true, again: { id: again.id } }]);
    await store(1, '1');
    expect(await missedDays()).toEqual([]);
  });

  test('and was found again, but is not whole, is no longer missed when that is accepted', async () => {
    await backUp(1);
    const second = await backUp(2);
    await lose(second);
    await store(2, '2', ['incomplete', 'recovered']);
    expect(await acceptMissed(vault)).toEqual([second.time]);
    expect(await missedDays()).toEqual([]);
  });

  test('and found while there was a newer one is not missed again when its owner removes it', async () => {
    await backUp(1);
    const second = await backUp(2);
    await lose(second);
    await backUp(3);
    const again = await store(2, '2', ['incomplete', 'recovered']);
    expect(await missedDays()).toEqual([]);
    await rememberWithout(vault, [again]);
    await lose(again);
    expect(await missedDays()).toEqual([]);
  });

  test('counts for nothing when somebody deletes it while another looks', async () => {
    await backUp(1);
    const second = await backUp(2);
    const { storage } = vault.repository;
    let isDeleted = false;
    const slow = faultyStorage(storage, {
      async before({ kind, name }) {
        if (isDeleted || kind !== 'list' || name !== 'snapshots') return;
        isDeleted = true;
        await rememberWithout(vault, [second]);
        await lose(second);
      },
    });
    const repository = await openRepository(slow, { password: PASSWORD });
    expect((await lookForMissed({ ...vault, repository })).missed).toEqual([]);
  });

  test('of another vault is no matter', async () => {
    await backUp(1);
    vault = { ...vault, repository: await emptyRepository() };
    expect(await missedDays()).toEqual([]);
    expect(await acceptMissed(vault)).toEqual([]);
  });
});

describe('a backup that its owner has removed', () => {
  test('is not missed, and the one before it is from then on', async () => {
    await backUp(1);
    const second = await backUp(2);
    const third = await backUp(3);
    await rememberWithout(vault, [third]);
    await lose(third);
    expect(await missedDays()).toEqual([]);
    await lose(second);
    expect(await missedDays()).toEqual([2]);
  });

  test('of which there is a copy is missed when that is lost, too', async () => {
    await backUp(1);
    const one = await backUp(2, 'twice');
    const other = await backUp(2, 'twice');
    expect(other.tree).toBe(one.tree);
    await rememberWithout(vault, [one]);
    await lose(one);
    await lose(other);
    expect(await missedDays()).toEqual([2]);
  });

  test('leaves those missed that were missed before', async () => {
    const first = await backUp(1);
    await lose(await backUp(2));
    const third = await backUp(3);
    await rememberWithout(vault, [third]);
    await lose(third);
    expect(await missedDays()).toEqual([2]);
    await rememberWithout(vault, [first]);
    await lose(first);
    expect(await missedDays()).toEqual([2]);
  });

  test('and of which a part is left leaves that out of the count', async () => {
    await backUp(1);
    await store(2, 'a part', ['incomplete', 'partial']);
    const third = await backUp(3);
    await rememberWithout(vault, [third]);
    await lose(third);
    await lose((await lookForMissed(vault)).shown[0] as Snapshot);
    expect(await missedDays()).toEqual([1]);
  });

  test('is not missed when nothing can be written any more', async () => {
    await backUp(1);
    const second = await backUp(2);
    // As on a full disk: what is written goes here first.
    await symlink('/dev/full', join(dataFolder, 'phones', `${udid}.newest.json.draft`));
    await rememberWithout(vault, [second]);
    await lose(second);
    expect(await missedDays()).toEqual([]);
  });

  test('and was the only one leaves nothing to miss', async () => {
    const only = await backUp(1);
    await rememberWithout(vault, [only]);
    await lose(only);
    expect(await missedDays()).toEqual([]);
  });
});
