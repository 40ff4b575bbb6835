import { createHash } from 'node:crypto';
import {
  faultyTree,
  memoryTree,
  type TreePath,
  treeError,
  treePath,
  type WritableTree,
} from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import {
  completeBackupFolder,
  openBackupFolder,
  openFinishedBackup,
  openReceivedHashes,
} from './backup-folder.ts';

const UDID = '00008120-0001A2B3C4D5E6F7';
const open = (home: WritableTree, bootID = 'boot') =>
  openBackupFolder({ home, udid: UDID, bootID, startedAt: new Date('2026-05-03T10:00:00Z') });
const put = (tree: WritableTree, name: string, text: string) =>
  tree.write(treePath(name), [Buffer.from(text)]);

async function everything(tree: WritableTree, folder = '' as TreePath): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of tree.list(folder)) {
    if (entry.kind === 'folder') Object.assign(found, await everything(tree, entry.path));
    else found[entry.path] = Buffer.concat(await Array.fromAsync(tree.read(entry.path))).toString();
  }
  return found;
}

async function withoutHashes(home: WritableTree): Promise<Record<string, string>> {
  const { [`${UDID}.sha256`]: hashes, ...others } = await everything(home);
  expect(hashes).toBeDefined();
  return others;
}

async function withEarlier(): Promise<WritableTree> {
  const home = memoryTree();
  await put(home, `${UDID}/aa/1`, 'one');
  await put(home, `${UDID}/bb/2`, 'two');
  await put(home, `${UDID}/Status.plist`, 'old');
  return home;
}

describe('a plain backup folder', () => {
  test('shows the phone the earlier backup under its UDID, and stays as it is until the commit', async () => {
    const home = await withEarlier();
    const before = await everything(home);
    const folder = await open(home);
    expect(folder).toMatchObject({ hasEarlier: true, resumed: false });
    await put(folder.served, `${UDID}/Status.plist`, 'uploading');
    await put(folder.served, `${UDID}/Snapshot/cc/3`, 'three');
    await folder.served.remove(treePath(`${UDID}/aa/1`));
    expect(await everything(folder.device)).toEqual({
      'Snapshot/cc/3': 'three',
      'bb/2': 'two',
      'Status.plist': 'uploading',
    });
    expect(await everything(await openFinishedBackup(home, UDID))).toEqual({
      'aa/1': 'one',
      'bb/2': 'two',
      'Status.plist': 'old',
    });
    for (const [name, text] of Object.entries(before)) expect((await everything(home))[name]).toBe(text);
  });

  test('a commit puts new, moved and removed files in place and leaves nothing beside them', async () => {
    const home = await withEarlier();
    const { device, commit } = await open(home);
    await put(device, 'Snapshot/cc/3', 'three');
    await device.move(treePath('Snapshot/cc/3'), treePath('cc/3'));
    await device.move(treePath('aa/1'), treePath('dd/1'));
    await device.remove(treePath('bb'));
    await put(device, 'bb/new', 'in a folder of the same name');
    await put(device, 'Status.plist', 'new');
    await device.remove(treePath('Snapshot'));
    await device.makeFolder(treePath('ee'));
    const expected = {
      'cc/3': 'three',
      'dd/1': 'one',
      'bb/new': 'in a folder of the same name',
      'Status.plist': 'new',
    };
    expect(await everything(device)).toEqual(expected);
    await commit();
    const inPlace = Object.fromEntries(
      Object.entries(expected).map(([name, text]) => [`${UDID}/${name}`, text]),
    );
    expect(await withoutHashes(home)).toEqual(inPlace);
    expect((await home.stat(treePath(`${UDID}/ee`)))?.kind).toBe('folder');
    expect(await home.stat(treePath('.rootcellar'))).toBeUndefined();
  });

  test('a first backup appears in one step', async () => {
    const home = memoryTree();
    const { device, commit, hasEarlier } = await open(home);
    expect(hasEarlier).toBe(false);
    await put(device, 'aa/1', 'one');
    expect(await home.stat(treePath(UDID))).toBeUndefined();
    await commit();
    expect(await withoutHashes(home)).toEqual({ [`${UDID}/aa/1`]: 'one' });
  });

  test('an interrupted run is resumed with what it received, removed and moved', async () => {
    const home = await withEarlier();
    const first = await open(home);
    await put(first.device, 'Snapshot/cc/3', 'three');
    await first.device.remove(treePath('aa/1'));
    await first.device.move(treePath('bb/2'), treePath('cc/2'));
    expect(await first.leaveUnfinished()).toEqual({ files: 1, bytes: 5 });
    const second = await open(home);
    expect(second.resumed).toBe(true);
    expect(await everything(second.device)).toEqual({
      'Snapshot/cc/3': 'three',
      'cc/2': 'two',
      'Status.plist': 'old',
    });
  });

  test('a run that received nothing leaves nothing', async () => {
    const home = memoryTree();
    expect(await (await open(home)).leaveUnfinished()).toEqual({ files: 0, bytes: 0 });
    expect(await everything(home)).toEqual({});
    expect(await home.stat(treePath('.rootcellar'))).toBeUndefined();
  });

  test.each([
    ['the machine was restarted', async (_: WritableTree) => 'another boot'],
    [
      'another program has continued the folder',
      async (home: WritableTree) => {
        await put(home, `${UDID}/Status.plist`, 'by another program');
        return 'boot';
      },
    ],
    [
      'nobody can read what it belongs to',
      async (home: WritableTree) => {
        await put(home, `.rootcellar/${UDID}/about`, '{');
        return 'boot';
      },
    ],
  ])('an interrupted run is thrown away when %s', async (_, happens) => {
    const home = await withEarlier();
    await put((await open(home)).device, 'Snapshot/cc/3', 'three');
    const bootID = await happens(home);
    const again = await open(home, bootID);
    expect(again.resumed).toBe(false);
    expect(await again.device.stat(treePath('Snapshot'))).toBeUndefined();
  });

  test('a commit that died is not completed over a newer backup of another program', async () => {
    const home = await withEarlier();
    let changes = 0;
    const dying = faultyTree(home, ({ kind, path }) => {
      if (changes > 0) changes += 1;
      if (kind === 'move' && path.endsWith('commit.draft')) changes = 1;
      if (changes > 4) throw treeError('input-output');
    });
    const { device, commit } = await open(dying);
    await put(device, 'cc/3', 'three');
    await put(device, 'Status.plist', 'ours');
    await expect(commit()).rejects.toMatchObject({ code: 'tree.input-output' });
    expect(await everything(await openFinishedBackup(home, UDID))).toMatchObject({ 'Status.plist': 'ours' });

    await put(home, `${UDID}/Status.plist`, 'by another program');
    const theirs = await everything(await openFinishedBackup(home, UDID));
    expect(theirs['Status.plist']).toBe('by another program');
    await expect(completeBackupFolder(home, UDID)).rejects.toMatchObject({
      code: 'operation.folder-changed',
    });
    expect(await everything(await openFinishedBackup(home, UDID))).toEqual(theirs);
    await completeBackupFolder(home, UDID);
    expect((await open(home)).resumed).toBe(false);
  });

  describe('keeps hashes of what arrived beside it', () => {
    const id = (shard: string) => shard.repeat(20);
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const line = (path: string, text: string) => `${sha256(text)}  ${UDID}/${path}\n`;

    test('of what was sent, moved and kept, and in the format of sha256sum', async () => {
      const home = memoryTree();
      const first = await open(home);
      for (const shard of ['aa', 'bb', 'cc']) await put(first.device, `${shard}/${id(shard)}`, shard);
      await put(first.device, 'Status.plist', 'one');
      await first.commit();
      const { device, commit } = await open(home);
      await put(device, `Snapshot/dd/${id('dd')}`, 'four');
      await device.move(treePath('Snapshot/dd'), treePath('dd'));
      await device.remove(treePath(`aa/${id('aa')}`));
      await device.remove(treePath('bb'));
      await put(device, 'Status.plist', 'two');
      await commit();
      expect((await everything(home))[`${UDID}.sha256`]).toBe(
        line('Status.plist', 'two') + line(`cc/${id('cc')}`, 'cc') + line(`dd/${id('dd')}`, 'four'),
      );
    });

    test('also of what an interrupted run has received', async () => {
      const home = await withEarlier();
      await put((await open(home)).device, `aa/${id('aa')}`, 'early');
      const { device, commit } = await open(home);
      await put(device, 'Status.plist', 'new');
      await commit();
      const hashes = await openReceivedHashes(home, UDID, await openFinishedBackup(home, UDID));
      expect(Array.from(hashes ?? [], ([name]) => name).sort()).toEqual(['Status.plist', id('aa')]);
    });

    test('but not once another program has continued the folder', async () => {
      const home = await withEarlier();
      const { device, commit } = await open(home);
      await put(device, 'Status.plist', 'ours');
      await commit();
      const tree = await openFinishedBackup(home, UDID);
      expect(await openReceivedHashes(home, UDID, tree)).toBeDefined();
      await put(home, `${UDID}/Status.plist`, 'theirs');
      expect(await openReceivedHashes(home, UDID, tree)).toBeUndefined();
    });
  });

  test('phones do not meet in it', async () => {
    const home = await withEarlier();
    const other = await openBackupFolder({ home, udid: 'OTHER', bootID: 'boot', startedAt: new Date() });
    const { device } = await open(home);
    await put(device, 'aa/new', 'mine');
    await put(other.device, 'aa/new', 'theirs');
    await other.commit();
    expect((await everything(home))['OTHER/aa/new']).toBe('theirs');
    expect((await open(home)).resumed).toBe(true);
  });
});
