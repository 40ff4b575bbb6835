import type { PlistValue } from '@rootcellar/codecs';
import { faultyTree, memoryTree, type TreePath, treeError, type WritableTree } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { hex, toHex } from '../../testing/byte-pipe.ts';
import { playSession, type ScriptedPhone } from '../../testing/scripted-phone.ts';

async function treeOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<WritableTree> {
  const tree = memoryTree();
  for (const [name, content] of Object.entries(files)) {
    await tree.write(name as TreePath, [Buffer.from(content as string)]);
  }
  return tree;
}

const download = (phone: ScriptedPhone, ...names: readonly PlistValue[]) =>
  phone.say('DLMessageDownloadFiles', names, {}, 0, 0);

/** One file as it comes over the wire, with the sizes of its frames. */
async function hearFile(phone: ScriptedPhone) {
  const { channel } = phone;
  const u32 = async () => Buffer.from(await channel.readExactly(4)).readUInt32BE();
  const nameBytes = await u32();
  if (nameBytes === 0) return undefined;
  const name = Buffer.from(await channel.readExactly(nameBytes)).toString();
  const frames: number[] = [];
  const pieces: Uint8Array[] = [];
  for (;;) {
    const size = await u32();
    const [code] = await channel.readExactly(1);
    const bytes = Uint8Array.from(await channel.readExactly(size - 1));
    if (code !== 0x0c)
      return { name, frames, code, text: Buffer.from(bytes).toString(), content: Buffer.concat(pieces) };
    frames.push(bytes.length);
    pieces.push(bytes);
  }
}

describe('sending files to the phone', () => {
  test('has the bytes of the specification: a file, an absent one, the end, the status', async () => {
    const expected = hex(`00000003 552f61 00000003 0c6869 00000001 00 00000003 552f62 0000001a 06
      4e6f20737563682066696c65206f72206469726563746f7279 00000000`);
    await playSession(
      async (phone) => {
        await download(phone, 'U/a', 'U/b');
        expect(toHex(await phone.channel.readExactly(expected.length))).toBe(toHex(expected));
        expect(await phone.hearStatus()).toEqual({
          code: -13,
          text: 'Multi status',
          payload: { 'U/b': { DLFileErrorCode: -6, DLFileErrorString: 'No such file or directory' } },
        });
      },
      { tree: await treeOf({ 'U/a': 'hi' }) },
    );
  });

  test('counts those that arrive: not the absent ones, nor those that tell what there is', async () => {
    const { files } = await playSession(
      async (phone) => {
        await download(phone, 'U/Manifest.plist', 'U/gone', 'U/ab/abcd', 'U/ab/empty');
        while ((await hearFile(phone)) !== undefined);
        await phone.hearStatus();
      },
      { tree: await treeOf({ 'U/Manifest.plist': 'list', 'U/ab/abcd': 'hi', 'U/ab/empty': '' }) },
    );
    expect(files).toBe(2);
  });

  test('of which there are none is an end and a success', async () => {
    await playSession(async (phone) => {
      await download(phone);
      expect(await hearFile(phone)).toBeUndefined();
      expect(await phone.hearStatus()).toMatchObject({ code: 0, payload: {} });
    });
  });

  test('goes on after an absent one', async () => {
    await playSession(
      async (phone) => {
        await download(phone, 'U/gone', '/U/a', 'U/folder');
        expect(await hearFile(phone)).toMatchObject({ name: 'U/gone', code: 6, frames: [] });
        expect(await hearFile(phone)).toMatchObject({ name: '/U/a', code: 0, frames: [2] });
        expect(await hearFile(phone)).toMatchObject({ code: 6, text: 'Is a directory' });
        expect(await hearFile(phone)).toBeUndefined();
        const { payload } = await phone.hearStatus();
        expect(payload).toMatchObject({
          'U/gone': { DLFileErrorCode: -6 },
          'U/folder': { DLFileErrorCode: -9 },
        });
        expect(payload).not.toHaveProperty('/U/a');
      },
      { tree: await treeOf({ 'U/a': 'hi', 'U/folder/x': '' }) },
    );
  });

  test('says that an empty control file is absent, but that another empty file is empty', async () => {
    const control = ['Status.plist', 'Manifest.plist', 'Manifest.db'];
    const names = [...control.map((name) => `U/${name}`), 'U/Info.plist'];
    await playSession(
      async (phone) => {
        await download(phone, ...names);
        for (const _ of control) expect(await hearFile(phone)).toMatchObject({ code: 6, frames: [] });
        expect(await hearFile(phone)).toMatchObject({ name: 'U/Info.plist', code: 0, frames: [] });
        expect(await hearFile(phone)).toBeUndefined();
        expect(await phone.hearStatus()).toMatchObject({ code: -13 });
      },
      { tree: await treeOf(Object.fromEntries(names.map((name) => [name, '']))) },
    );
  });

  test.each([1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 1_000_000])(
    'of %d bytes keeps every frame at 32 KiB or less',
    async (size) => {
      const content = Buffer.alloc(size, 'cellar');
      const { bytes } = await playSession(
        async (phone) => {
          await download(phone, 'U/a');
          const file = await hearFile(phone);
          expect(file?.content.equals(content)).toBe(true);
          expect(Math.max(...(file?.frames ?? []))).toBeLessThanOrEqual(32 * 1024);
          expect(file?.frames).not.toContain(0);
          await hearFile(phone);
          await phone.hearStatus();
        },
        { tree: await treeOf({ 'U/a': content }) },
      );
      expect(bytes).toBe(size);
    },
  );

  test('that cannot be read to their end says so in the middle, sends the next, and keeps the reason', async () => {
    const whole = await treeOf({ 'U/b': 'fine' });
    const tree: WritableTree = {
      ...whole,
      stat: (path) => whole.stat(path),
      async *read(path) {
        if (path !== 'U/a') return yield* whole.read(path);
        yield Buffer.from('begun');
        throw treeError('input-output');
      },
    };
    const failed = playSession(
      async (phone) => {
        await download(phone, 'U/a', 'U/b');
        expect(await hearFile(phone)).toMatchObject({ code: 6, frames: [5], text: 'Input/output error' });
        expect(await hearFile(phone)).toMatchObject({ code: 0, frames: [4] });
        expect(await hearFile(phone)).toBeUndefined();
        expect((await phone.hearStatus()).payload).toEqual({
          'U/a': { DLFileErrorCode: -11, DLFileErrorString: 'Input/output error' },
        });
        await phone.end(205, 'Multiple errors downloading files');
        return 'ended';
      },
      { tree },
    );
    await expect(failed).rejects.toMatchObject({ code: 'tree.input-output' });
  });

  test('that are absent is no reason for what the phone complains about later', async () => {
    const failed = playSession(async (phone) => {
      await download(phone, 'U/Status.plist');
      await hearFile(phone);
      await hearFile(phone);
      await phone.hearStatus();
      await phone.end(208, 'Device locked (MBErrorDomain/208)');
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({ code: 'mobilebackup2.passcode-not-entered' });
  });

  test('waits for a phone that reads slowly instead of filling the memory', async () => {
    let piecesRead = 0;
    const tree: WritableTree = {
      ...memoryTree(),
      stat: async (path) => ({ path, kind: 'file', sizeBytes: 1, modifiedAt: new Date() }),
      async *read() {
        for (; piecesRead < 256; piecesRead += 1) yield new Uint8Array(256 * 1024);
      },
    };
    await playSession(
      async (phone) => {
        await download(phone, 'U/a');
        await phone.channel.readExactly(100);
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(piecesRead).toBeLessThan(32);
        phone.channel.destroy();
        return 'ended';
      },
      { tree },
    ).catch(() => {});
    expect(piecesRead).toBeLessThan(32);
  });

  test('closes what it reads also when the phone goes away', async () => {
    let isOpen = false;
    const tree: WritableTree = {
      ...memoryTree(),
      stat: async (path) => ({ path, kind: 'file', sizeBytes: 1, modifiedAt: new Date() }),
      async *read() {
        isOpen = true;
        try {
          for (;;) yield new Uint8Array(256 * 1024);
        } finally {
          isOpen = false;
        }
      },
    };
    const failed = playSession(
      async (phone) => {
        await download(phone, 'U/a');
        await phone.channel.readExactly(100);
        phone.channel.destroy();
        return 'ended';
      },
      { tree },
    );
    await expect(failed).rejects.toMatchObject({ code: 'device-link.ended' });
    expect(isOpen).toBe(false);
  });

  test('ends in the middle of a film when it is cancelled, in good order, and says goodbye', async () => {
    const stop = new AbortController();
    const tree: WritableTree = {
      ...memoryTree(),
      stat: async (path) => ({ path, kind: 'file', sizeBytes: 1, modifiedAt: new Date() }),
      async *read() {
        for (;;) yield new Uint8Array(256 * 1024);
      },
    };
    const heard: unknown[] = [];
    const cancelled = playSession(
      async (phone) => {
        await download(phone, 'U/film', 'U/another');
        await phone.channel.readExactly(10 + 3 * (32 * 1024 + 5));
        stop.abort(new Error('enough'));
        for (;;) {
          const size = Buffer.from(await phone.channel.readExactly(4)).readUInt32BE();
          const frame = await phone.channel.readExactly(size);
          if (frame[0] === 0x06) break;
        }
        heard.push(await hearFile(phone), (await phone.hear())[0]);
        return 'ended';
      },
      { tree, signal: stop.signal },
    );
    await expect(cancelled).rejects.toThrow('enough');
    expect(heard).toEqual([undefined, 'DLMessageDisconnect']);
  });

  test.each<[string, PlistValue]>([
    ['a number among the names', ['U/a', 5]],
    ['too many of them', Array.from({ length: 1_000_001 }, () => '')],
  ])('is refused with %s', async (_, names) => {
    const failed = playSession(async (phone) => {
      await phone.say('DLMessageDownloadFiles', names);
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({ code: 'device-link.message-invalid' });
  });

  test('that lie outside its own folder is refused, and the session with it', async () => {
    const failed = playSession(
      async (phone) => {
        await download(phone, 'V/a', 'U/a');
        expect(await hearFile(phone)).toMatchObject({ code: 6, frames: [] });
        expect(await hearFile(phone)).toMatchObject({ code: 0 });
        expect(await hearFile(phone)).toBeUndefined();
        await phone.hearStatus();
      },
      { tree: await treeOf({ 'U/a': 'hi', 'V/a': 'secret' }) },
    );
    await expect(failed).rejects.toMatchObject({ code: 'mobilebackup2.name-refused' });
  });

  test('reads nothing of the disk before the phone names it', async () => {
    const reads: string[] = [];
    const tree = faultyTree(await treeOf({ 'U/a': 'hi' }), ({ kind }) => void reads.push(kind));
    await playSession(async () => {}, { tree });
    expect(reads).toEqual([]);
  });
});
