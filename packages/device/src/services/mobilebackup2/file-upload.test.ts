import { faultyTree, memoryTree, type TreePath, treeError, type WritableTree } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { hex } from '../../testing/byte-pipe.ts';
import { playSession, type ScriptedPhone } from '../../testing/scripted-phone.ts';

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
const named = (name: string | Uint8Array) =>
  Buffer.concat([u32(Buffer.from(name as string).length), Buffer.from(name as string)]);
const block = (code: number, data: string | Uint8Array = '') =>
  Buffer.concat([
    u32(Buffer.from(data as string).length + 1),
    Uint8Array.of(code),
    Buffer.from(data as string),
  ]);
const DATA = 0x0c;
const FAILED = 0x0b;
const END = block(0);
const LAST = u32(0);
const file = (hostName: string, ...blocks: readonly Uint8Array[]) =>
  Buffer.concat([named('/private/x'), named(hostName), ...blocks]);

async function upload(phone: ScriptedPhone, ...parts: readonly Uint8Array[]) {
  await phone.say('DLMessageUploadFiles', {}, 10, 0);
  await phone.channel.write(Buffer.concat(parts));
  return phone.hearStatus();
}

async function contentOf(tree: WritableTree, name: string): Promise<string | undefined> {
  if ((await tree.stat(name as TreePath)) === undefined) return undefined;
  return Buffer.concat(await Array.fromAsync(tree.read(name as TreePath))).toString();
}

describe('receiving files from the phone', () => {
  test('understands the bytes of the specification: two blocks, an unreadable file, the end', async () => {
    const bytes = hex(`0000000a 2f707269766174652f78 0000000c 552f536e617073686f742f61 00000003 0c6162
      00000002 0c63 00000001 00 0000000a 2f707269766174652f79 0000000c 552f536e617073686f742f62
      00000017 0b 496e7075742f6f7574707574206572726f72202835 29 00000000`);
    const tree = memoryTree();
    const result = await playSession(
      async (phone) => {
        expect(await upload(phone, bytes)).toEqual({
          code: 0,
          text: '___EmptyParameterString___',
          payload: {},
        });
      },
      { tree },
    );
    expect(result).toMatchObject({ files: 2, unreadableFiles: 1, bytes: 3 });
    expect(await contentOf(tree, 'U/Snapshot/a')).toBe('abc');
    expect(await contentOf(tree, 'U/Snapshot/b')).toBe('');
  });

  test('understands them byte by byte too', async () => {
    const tree = memoryTree();
    await playSession(
      async (phone) => {
        await phone.say('DLMessageUploadFiles', {}, 10, 0);
        for (const byte of Buffer.concat([file('U/a', block(DATA, 'abc'), END), LAST])) {
          await phone.channel.write(Uint8Array.of(byte));
        }
        expect(await phone.hearStatus()).toMatchObject({ code: 0 });
      },
      { tree },
    );
    expect(await contentOf(tree, 'U/a')).toBe('abc');
  });

  test('accepts that there are none', async () => {
    const { files } = await playSession(async (phone) => {
      expect(await upload(phone, LAST)).toMatchObject({ code: 0 });
      expect(await upload(phone, named('/private/x'), LAST)).toMatchObject({ code: 0 });
    });
    expect(files).toBe(0);
  });

  test('replaces what stood there, and a slash in front of a name means nothing', async () => {
    const tree = memoryTree();
    await tree.write('U/a' as TreePath, [Buffer.from('an older and longer text')]);
    await playSession((phone) => upload(phone, file('/U/a', block(DATA, 'new'), END), LAST), { tree });
    expect(await contentOf(tree, 'U/a')).toBe('new');
  });

  test('takes an error after data for a remark, not for a failure', async () => {
    const tree = memoryTree();
    const { unreadableFiles } = await playSession(
      (phone) =>
        upload(phone, file('U/a', block(DATA, 'abc'), block(FAILED, 'I/O error')), file('U/b', END), LAST),
      { tree },
    );
    expect(unreadableFiles).toBe(0);
    expect(await contentOf(tree, 'U/a')).toBe('abc');
    expect(await contentOf(tree, 'U/b')).toBe('');
  });

  test('ends a file at a block without length, at a code that nobody knows and at an end with text', async () => {
    const tree = memoryTree();
    await playSession(
      async (phone) => {
        const parts = [
          file('U/a', block(DATA, 'a'), u32(0)),
          file('U/b', block(DATA, 'b'), block(0x77, 'what')),
          file('U/c', block(DATA, 'c'), block(0, 'text')),
          file('U/d', block(DATA, 'd'), END),
        ];
        expect(await upload(phone, ...parts, LAST)).toMatchObject({ code: 0 });
      },
      { tree },
    );
    for (const name of ['a', 'b', 'c', 'd']) expect(await contentOf(tree, `U/${name}`)).toBe(name);
  });

  test('passes over a hundred thousand blocks of nothing', async () => {
    const tree = memoryTree();
    const nothing = Buffer.concat(Array.from({ length: 100_000 }, () => block(DATA)));
    await playSession((phone) => upload(phone, file('U/a', nothing, block(DATA, 'x'), END), LAST), { tree });
    expect(await contentOf(tree, 'U/a')).toBe('x');
  });

  test.each([
    ['a name of 4097 bytes', [u32(4097)]],
    ['a name of 4 GB', [u32(2 ** 32 - 1)]],
    ['a second name of 4 GB', [named('/private/x'), u32(2 ** 32 - 1)]],
    ['a block of more than 1 GiB', [named('/private/x'), named('U/a'), u32(2 ** 30 + 1)]],
    ['a block of 4 GB', [named('/private/x'), named('U/a'), u32(2 ** 32 - 1)]],
  ])('refuses %s at once', async (_, parts) => {
    const failed = playSession(async (phone) => {
      await phone.say('DLMessageUploadFiles', {}, 10, 0);
      await phone.channel.write(Buffer.concat(parts));
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({ code: 'device-link.message-invalid' });
  });

  test('reports an end at any byte', async () => {
    const bytes = Buffer.concat([file('U/a', block(DATA, 'abc'), block(FAILED, 'x')), LAST]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const failed = playSession(async (phone) => {
        await phone.say('DLMessageUploadFiles', {}, 10, 0);
        await phone.channel.write(bytes.subarray(0, cut));
        phone.channel.end();
        return 'ended';
      });
      await expect(failed, `cut at ${cut}`).rejects.toMatchObject({
        code: 'device-link.ended',
        details: { fraction: 0.1 },
      });
    }
  });

  test('on a disk that fills up reads the rest, answers -15, and the owner hears of the disk', async () => {
    const tree = memoryTree({ capacityBytes: 1_000 });
    const big = block(DATA, new Uint8Array(600));
    const failed = playSession(
      async (phone) => {
        const parts = [file('U/a', big, END), file('U/b', big, big, END), file('U/c', block(DATA, 'c'), END)];
        expect(await upload(phone, ...parts, LAST)).toMatchObject({
          code: -15,
          text: 'No space left on device',
        });
        await phone.end(104, 'Multiple errors uploading files (MBErrorDomain/104)');
        return 'ended';
      },
      { tree },
    );
    await expect(failed).rejects.toMatchObject({ code: 'tree.disk-full' });
    expect(await contentOf(tree, 'U/c')).toBeUndefined();
  });

  test('that cannot even be begun reads the rest too', async () => {
    const tree = faultyTree(memoryTree(), ({ kind }) => {
      if (kind === 'write') throw treeError('not-permitted');
    });
    const failed = playSession(
      async (phone) => {
        expect(await upload(phone, file('U/a', block(DATA, 'abc'), END), LAST)).toMatchObject({ code: -1 });
        await phone.end(100);
        return 'ended';
      },
      { tree },
    );
    await expect(failed).rejects.toMatchObject({ code: 'tree.not-permitted' });
  });

  test.each(['../x', '/../x', 'U/../V/x', 'V/x', 'U\\..\\x', 'U/a\0b', 'x', 'U//x', 'U/./x', 'C:/x'])(
    'never writes to %j, and says so',
    async (name) => {
      const written: string[] = [];
      const tree = faultyTree(
        memoryTree(),
        ({ kind, path }) => void (kind === 'write' && written.push(path)),
      );
      const failed = playSession(
        async (phone) => {
          expect(await upload(phone, file(name, block(DATA, 'x'), END), LAST)).toMatchObject({ code: -1 });
        },
        { tree },
      );
      await expect(failed).rejects.toMatchObject({ code: 'mobilebackup2.name-refused' });
      expect(written).toEqual([]);
    },
  );

  test('waits for a slow disk instead of filling the memory', async () => {
    let received = 0;
    const tree: WritableTree = {
      ...memoryTree(),
      async write(_path, content) {
        for await (const piece of content) {
          received += piece.length;
          if (received > 100_000) await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    };
    let sent = 0;
    const stop = new AbortController();
    const cancelled = playSession(
      async (phone) => {
        await phone.say('DLMessageUploadFiles', {}, 10, 0);
        await phone.channel.write(file('U/a'));
        const big = block(DATA, new Uint8Array(256 * 1024));
        const sending = (async () => {
          for (; sent < 200; sent += 1) await phone.channel.write(big);
        })().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 80));
        expect(sent).toBeLessThan(20);
        stop.abort(new Error('enough'));
        phone.channel.destroy();
        await sending;
        return 'ended';
      },
      { tree, signal: stop.signal },
    );
    await expect(cancelled).rejects.toThrow('enough');
  });

  test('stops between two pieces when it is cancelled, and says goodbye', async () => {
    const stop = new AbortController();
    let heard: unknown;
    const cancelled = playSession(
      async (phone) => {
        await phone.say('DLMessageUploadFiles', {}, 10, 0);
        await phone.channel.write(file('U/a', block(DATA, 'abc')));
        stop.abort(new Error('enough'));
        await phone.channel.write(block(DATA, 'more'));
        heard = (await phone.hear())[0];
        return 'ended';
      },
      { signal: stop.signal },
    );
    await expect(cancelled).rejects.toThrow('enough');
    expect(heard).toBe('DLMessageDisconnect');
  });

  test('stops between two empty files when it is cancelled', async () => {
    const stop = new AbortController();
    const cancelled = playSession(
      async (phone) => {
        await phone.say('DLMessageUploadFiles', {}, 10, 0);
        stop.abort(new Error('enough'));
        for (let n = 0; n < 1_000 && !phone.channel.closed; n += 1)
          await phone.channel.write(file('U/a', END));
        return 'ended';
      },
      { signal: stop.signal },
    );
    await expect(cancelled).rejects.toThrow('enough');
  });
});
