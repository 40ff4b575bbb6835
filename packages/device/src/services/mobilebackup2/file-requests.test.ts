import type { PlistValue } from '@rootcellar/codecs';
import { faultyTree, memoryTree, type TreePath, treeError, type WritableTree } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { playSession, type ScriptedPhone } from '../../testing/scripted-phone.ts';

async function treeOf(files: Readonly<Record<string, string>>): Promise<WritableTree> {
  const tree = memoryTree();
  for (const [name, content] of Object.entries(files)) {
    await tree.write(name as TreePath, [Buffer.from(content)]);
  }
  return tree;
}

async function filesOf(tree: WritableTree, folder = ''): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, kind } of tree.list(folder as TreePath)) {
    if (kind === 'folder') Object.assign(files, await filesOf(tree, path));
    else files[path] = Buffer.concat(await Array.fromAsync(tree.read(path))).toString();
  }
  return files;
}

/** What the phone hears when it asks, and what is left on the disk. */
async function asking(tree: WritableTree, ...message: readonly PlistValue[]) {
  let status: Awaited<ReturnType<ScriptedPhone['ask']>> | undefined;
  const outcome = await playSession(
    async (phone) => {
      status = await phone.ask(...message);
    },
    { tree },
  ).catch((error: unknown) => error);
  return { ...status, outcome, files: await filesOf(tree) };
}

describe('a listing', () => {
  test('has files, also empty ones, and folders, but nothing that other programs left', async () => {
    const junk = ['.DS_Store', 'Thumbs.db', 'desktop.ini', 'a.upload'];
    const tree = await treeOf({
      'U/a': 'hello',
      'U/empty': '',
      'U/folder/x': '',
      ...Object.fromEntries(junk.map((name) => [`U/${name}`, 'x'])),
    });
    const { code, payload } = await asking(tree, 'DLContentsOfDirectory', 'U');
    expect(code).toBe(0);
    expect(payload).toMatchObject({
      a: { DLFileType: 'DLFileTypeRegular', DLFileSize: 5, DLFileModificationDate: expect.any(Date) },
      empty: { DLFileType: 'DLFileTypeRegular', DLFileSize: 0 },
      folder: { DLFileType: 'DLFileTypeDirectory', DLFileSize: 0 },
    });
    expect(Object.keys(payload ?? {})).toHaveLength(3);
  });

  test('of a folder that does not exist is empty', async () => {
    expect(await asking(memoryTree(), 'DLContentsOfDirectory', 'U/Snapshot')).toMatchObject({
      code: 0,
      payload: {},
    });
  });

  test('of a file is refused', async () => {
    expect(await asking(await treeOf({ 'U/a': '' }), 'DLContentsOfDirectory', 'U/a')).toMatchObject({
      code: -8,
    });
  });

  test('bears a file called __proto__', async () => {
    const { payload } = await asking(await treeOf({ 'U/__proto__': 'x' }), 'DLContentsOfDirectory', 'U');
    expect(Object.hasOwn(payload ?? {}, '__proto__')).toBe(true);
  });
});

describe('a folder', () => {
  test('is made, and made again, in every shape of the message', async () => {
    for (const rest of [[], [{}], [{}, 0.5]]) {
      const tree = await treeOf({ 'U/here/x': '' });
      expect(await asking(tree, 'DLMessageCreateDirectory', 'U/new/deep', ...rest)).toMatchObject({
        code: 0,
      });
      expect(await asking(tree, 'DLMessageCreateDirectory', 'U/here', ...rest)).toMatchObject({ code: 0 });
      expect((await tree.stat('U/new/deep' as TreePath))?.kind).toBe('folder');
    }
  });

  test('is not made over a file', async () => {
    const { code, files } = await asking(await treeOf({ 'U/a': 'x' }), 'DLMessageCreateDirectory', 'U/a/b');
    expect(code).toBe(-8);
    expect(files).toEqual({ 'U/a': 'x' });
  });
});

describe('free space', () => {
  test('is a plain number', async () => {
    const tree = memoryTree({ capacityBytes: 5_000_000_000 });
    let answer: unknown;
    await playSession(
      async (phone) => {
        await phone.say('DLMessageGetFreeDiskSpace');
        answer = await phone.hear();
      },
      { tree },
    );
    expect(answer).toEqual(['DLMessageStatusResponse', 0, '___EmptyParameterString___', 5_000_000_000]);
  });

  test('that the phone wants is not made, but told to the owner', async () => {
    const failed = playSession(async (phone) => {
      expect(await phone.ask('DLMessagePurgeDiskSpace', 12_265_029_274, 4)).toMatchObject({ code: -1 });
      await phone.end(105, 'Insufficient free disk space on drive to back up (MBErrorDomain/105)');
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({
      code: 'mobilebackup2.computer-full',
      details: { errorCode: 105, neededBytes: 12_265_029_274 },
    });
  });

  test.each<[PlistValue]>([[-5], ['much'], [2n ** 70n], [{}]])(
    'of the amount %o is not told',
    async (amount) => {
      const failed = playSession(async (phone) => {
        await phone.ask('DLMessagePurgeDiskSpace', amount, 4);
        await phone.end(105);
        return 'ended';
      });
      await expect(failed).rejects.toMatchObject({ code: 'mobilebackup2.computer-full' });
    },
  );
});

describe.each(['DLMessageMoveItems', 'DLMessageMoveFiles'])('%s', (name) => {
  test('moves files and folders over what stood there', async () => {
    const tree = await treeOf({ 'U/S/a': 'new', 'U/a': 'old', 'U/S/d/x': 'new', 'U/d/y': 'old' });
    const { code, files } = await asking(tree, name, { 'U/S/a': 'U/a', 'U/S/d': 'U/d' }, {}, 100);
    expect(code).toBe(0);
    expect(files).toEqual({ 'U/a': 'new', 'U/d/x': 'new' });
  });

  test('says which could not be moved, and moves the others', async () => {
    const tree = await treeOf({ 'U/S/a': 'a', 'U/S/c': 'c' });
    const pairs = { 'U/S/a': 'U/a', 'U/S/gone': 'U/gone', 'U/S/c': 'U/c' };
    const { code, text, payload, files } = await asking(tree, name, pairs);
    expect([code, text]).toEqual([-13, 'Multi status']);
    expect(payload).toEqual({
      'U/S/gone': { DLFileErrorCode: -6, DLFileErrorString: 'No such file or directory' },
    });
    expect(files).toEqual({ 'U/a': 'a', 'U/c': 'c' });
  });

  test('moves control files last, the states of the backup at the very end', async () => {
    const names = ['Status.plist', 'Manifest.db', 'Manifest.plist', 'ab/file', 'zz/file'];
    const order: string[] = [];
    const tree = faultyTree(
      await treeOf(Object.fromEntries(names.map((file) => [`U/S/${file}`, file]))),
      ({ kind, path }) => void (kind === 'move' && order.push(path.slice('U/S/'.length))),
    );
    await asking(tree, name, Object.fromEntries(names.map((file) => [`U/S/${file}`, `U/${file}`])));
    expect(order).toEqual(['ab/file', 'zz/file', 'Manifest.plist', 'Manifest.db', 'Status.plist']);
  });

  test('does not move the manifest when one of its files could not be moved', async () => {
    const tree = await treeOf({ 'U/S/Manifest.db': 'new', 'U/Manifest.db': 'old' });
    const { files } = await asking(tree, name, { 'U/S/Manifest.db': 'U/Manifest.db', 'U/S/gone': 'U/gone' });
    expect(files['U/Manifest.db']).toBe('old');
  });

  test('neither loses a folder that is moved into itself nor one that is moved over its parent', async () => {
    for (const pair of [{ 'U/d': 'U/d/e' }, { 'U/d/e': 'U/d' }, { 'U/d': 'U' }]) {
      const tree = await treeOf({ 'U/d/e/x': 'kept' });
      const { code, files, outcome } = await asking(tree, name, pair);
      expect(code).toBe(-13);
      expect(files).toEqual({ 'U/d/e/x': 'kept' });
      expect(outcome).not.toBeInstanceOf(Error);
    }
  });

  test('on a disk that is full says so as such', async () => {
    const tree = faultyTree(await treeOf({ 'U/S/a': 'a' }), ({ kind }) => {
      if (kind === 'move') throw treeError('disk-full');
    });
    expect(await asking(tree, name, { 'U/S/a': 'U/a' })).toMatchObject({ code: -15 });
  });

  test('of more failures than anybody reads tells a thousand', async () => {
    const pairs = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`U/${n}`, `U/x${n}`]));
    const { payload } = await asking(memoryTree(), name, pairs);
    expect(Object.keys(payload ?? {})).toHaveLength(1_000);
  });
});

describe.each(['DLMessageRemoveItems', 'DLMessageRemoveFiles'])('%s', (name) => {
  test('removes files and folders, and does not miss what is missing', async () => {
    const tree = await treeOf({ 'U/S/a': '', 'U/S/d/b': '', 'U/keep': 'x', 'U/gone': '' });
    const { code, files } = await asking(tree, name, ['U/S', '/U/gone', 'U/never'], {}, 100);
    expect(code).toBe(0);
    expect(files).toEqual({ 'U/keep': 'x' });
  });

  test('of nothing is a success', async () => {
    expect(await asking(memoryTree(), name, [])).toMatchObject({ code: 0 });
  });

  test('says what could not be removed', async () => {
    const tree = faultyTree(await treeOf({ 'U/a': '', 'U/b': '' }), ({ kind, path }) => {
      if (kind === 'remove' && path === 'U/a') throw treeError('not-permitted');
    });
    const { code, payload, files } = await asking(tree, name, ['U/a', 'U/b']);
    expect(code).toBe(-13);
    expect(Object.keys(payload ?? {})).toEqual(['U/a']);
    expect(files).toEqual({ 'U/a': '' });
  });
});

describe('a copy', () => {
  test('of a file and of a folder replaces what stood there', async () => {
    const tree = await treeOf({ 'U/a': 'a', 'U/d/x/y': 'deep', 'U/b': 'old', 'U/e/old': 'old' });
    expect(await asking(tree, 'DLMessageCopyItem', 'U/a', 'U/b')).toMatchObject({ code: 0 });
    const { files } = await asking(tree, 'DLMessageCopyItem', 'U/d', 'U/e');
    expect(files).toEqual({ 'U/a': 'a', 'U/b': 'a', 'U/d/x/y': 'deep', 'U/e/x/y': 'deep' });
  });

  test('of nothing leaves what stood there', async () => {
    const { code, files } = await asking(
      await treeOf({ 'U/b': 'old' }),
      'DLMessageCopyItem',
      'U/gone',
      'U/b',
    );
    expect(code).toBe(-6);
    expect(files).toEqual({ 'U/b': 'old' });
  });

  test.each([
    ['U/d', 'U/d/e'],
    ['U/d/e', 'U/d'],
    ['U/d', 'U/d'],
  ])('of %s to %s is refused', async (from, to) => {
    const { code, files } = await asking(await treeOf({ 'U/d/e/x': 'kept' }), 'DLMessageCopyItem', from, to);
    expect(code).toBe(-7);
    expect(files).toEqual({ 'U/d/e/x': 'kept' });
  });
});

test('what nobody knows is not supported', async () => {
  expect(await asking(memoryTree(), 'DLMessageBrandNew', 1, 2)).toMatchObject({
    code: -1,
    text: 'Operation not supported',
  });
});
