import { PlistReal } from '@rootcellar/codecs';
import {
  type Clock,
  manualClock,
  memoryTree,
  Secret,
  type TreePath,
  type WritableTree,
} from '@rootcellar/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hex, toHex } from '../../testing/byte-pipe.ts';
import { playSession, ScriptedPhone, wire } from '../../testing/scripted-phone.ts';
import {
  type PasswordChange,
  requestBackup,
  requestInfo,
  requestPasswordChange,
  requestRestore,
  WHOLE_DEVICE,
} from './requests.ts';
import { runSession, type SessionOptions, type SessionProgress } from './session.ts';

const HELLO = hex(`00000096 62706c6973743030 a20102 5f1017
  444c4d65737361676550726f636573734d657373616765 d203040506 5b 4d6573736167654e616d65 5f1019
  537570706f7274656450726f746f636f6c56657273696f6e73 55 48656c6c6f a20708 234000000000000000
  234000cccccccccccd 080b252a3652585b64 000000000000 01 01 0000000000000009 0000000000000000
  000000000000006d`);

const MINUTE_MS = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

function start(options: Partial<SessionOptions> = {}) {
  const { ours, phone } = wire();
  const session = runSession({
    channel: ours,
    tree: memoryTree(),
    request: { MessageName: 'Backup', TargetIdentifier: 'U' },
    identifiers: ['U'],
    ...options,
  });
  session.catch(() => {});
  return { session, phone: new ScriptedPhone(phone), ours };
}

/** Lets everything that waits for nothing but its turn happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function pass(clock: Clock & { advance(ms: number): void }, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    clock.advance(MINUTE_MS);
    await settle();
  }
}

describe('a session', () => {
  test('says hello in the bytes of the specification', async () => {
    const { session, phone } = start();
    await phone.say('DLMessageVersionExchange', 400, 0);
    await phone.hear();
    await phone.say('DLMessageDeviceReady');
    expect(toHex(await phone.channel.readExactly(HELLO.length))).toBe(toHex(HELLO));
    phone.channel.destroy();
    await expect(session).rejects.toMatchObject({ code: expect.stringMatching(/^device-link\./) });
  });

  test('ends well when the phone says so, and says goodbye', async () => {
    const { session, phone } = start();
    expect(await phone.open(300)).toEqual({ MessageName: 'Backup', TargetIdentifier: 'U' });
    await phone.end();
    expect(await phone.hangUp()).toBe('goodbye');
    expect(await session).toMatchObject({ answer: { errorCode: 0 }, bytes: 0, files: 0, unreadableFiles: 0 });
  });

  test('does not care for pings, nor for words in between', async () => {
    await playSession(async (phone) => {
      await phone.say('DLMessagePing', 'still here');
      await phone.answer({ MessageName: 'Progress' });
      expect(await phone.ask('DLContentsOfDirectory', 'U')).toMatchObject({ code: 0 });
    });
  });

  test('with a phone that has nothing to say but pings ends', async () => {
    const endless = playSession(async (phone) => {
      while (!phone.channel.closed) {
        for (let n = 0; n < 100; n += 1) await phone.say('DLMessagePing', 'x');
        await new Promise(setImmediate);
      }
      return 'ended';
    });
    await expect(endless).rejects.toMatchObject({ code: 'device-link.message-invalid' });
  });

  test.each<[string, (phone: ScriptedPhone) => Promise<void>]>([
    ['hangs up', async (phone) => phone.channel.end()],
    ['breaks down', async (phone) => phone.channel.destroy()],
    ['says goodbye', (phone) => phone.say('DLMessageDisconnect', 'x')],
    [
      'breaks off in a length',
      (phone) => phone.channel.write(Uint8Array.of(0, 0)).then(() => phone.channel.end()),
    ],
    [
      'breaks off in a message',
      (phone) => phone.channel.write(hex('00000010 6270')).then(() => phone.channel.end()),
    ],
  ])('with a phone that %s ended too early, and says how far it was', async (_, end) => {
    const failed = playSession(async (phone) => {
      await phone.ask('DLMessageRemoveItems', [], {}, new PlistReal(40));
      await end(phone);
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({ code: 'device-link.ended', details: { fraction: 0.4 } });
  });

  test('with a phone that speaks no version of ours is not begun', async () => {
    const { session, phone } = start();
    await phone.say('DLMessageVersionExchange', 400, 0);
    await phone.hear();
    await phone.say('DLMessageDeviceReady');
    await phone.hear();
    await phone.answer({ MessageName: 'Response', ErrorCode: 1 });
    await phone.hangUp();
    await expect(session).rejects.toMatchObject({ code: 'mobilebackup2.no-common-version' });
  });

  test('for a device whose name is no folder is not begun, and closes its connection', async () => {
    for (const udid of ['', '..', 'a/b']) {
      const { session, ours } = start({ identifiers: [udid] });
      await expect(session).rejects.toMatchObject({ code: 'tree.path-unsafe' });
      expect(ours.closed).toBe(true);
    }
  });

  test('with a phone that speaks nonsense ends with a known error', async () => {
    const failed = playSession(async (phone) => {
      await phone.channel.write(Buffer.concat([hex('00000005'), Buffer.from('hello')]));
      return 'ended';
    });
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^plist\./) });
  });
});

describe('progress', () => {
  test('counts bytes and files, and believes the phone within reason', async () => {
    const seen: SessionProgress[] = [];
    const tree = memoryTree();
    await tree.write('U/a' as TreePath, [new Uint8Array(100)]);
    await playSession(
      async (phone) => {
        for (const percent of [0, -1, 12.5, 1e300, Number.NaN]) {
          await phone.ask('DLMessageRemoveItems', [], {}, new PlistReal(percent));
        }
      },
      { tree, onProgress: (progress) => seen.push(progress) },
    );
    expect(seen.map(({ fraction }) => fraction)).toEqual([undefined, undefined, 0.125, 1, 1]);
    expect(seen[0]).toEqual({ bytes: 0, files: 0, message: 'DLMessageRemoveItems' });
  });
});

describe('silence', () => {
  const quietly = () => {
    const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
    const mentions: number[] = [];
    const began = clock.now().getTime();
    const onSilence = () => mentions.push((clock.now().getTime() - began) / MINUTE_MS);
    return { clock, mentions, onSilence };
  };

  test('is mentioned after ten whole minutes and borne for thirty', async () => {
    const { clock, mentions, onSilence } = quietly();
    const { session, phone } = start({ clock, onSilence });
    await phone.open();
    await settle();
    await pass(clock, 29);
    expect(mentions).toEqual([11]);
    await pass(clock, 3);
    await expect(session).rejects.toMatchObject({ code: 'device-link.silent', details: { minutes: 30 } });
  });

  test('is over with the first byte', async () => {
    const { clock, mentions, onSilence } = quietly();
    const { session, phone } = start({ clock, onSilence });
    await phone.open();
    await settle();
    await pass(clock, 28);
    await phone.say('DLMessagePing', 'x');
    await settle();
    await pass(clock, 28);
    await phone.end();
    await phone.hangUp();
    expect(await session).toMatchObject({ answer: { errorCode: 0 } });
    expect(mentions).toEqual([11, 39]);
  });

  test('inside a message is called silence too', async () => {
    const { clock, onSilence } = quietly();
    const { session, phone } = start({ clock, onSilence });
    await phone.open();
    await phone.channel.write(Uint8Array.of(0, 0));
    await settle();
    await pass(clock, 32);
    await expect(session).rejects.toMatchObject({ code: 'device-link.silent' });
  });

  test('is natural while the phone takes a long film', async () => {
    const { clock, mentions, onSilence } = quietly();
    const tree: WritableTree = {
      ...memoryTree(),
      stat: async (path) => ({ path, kind: 'file', sizeBytes: 1, modifiedAt: new Date() }),
      async *read() {
        for (let minute = 0; minute < 45; minute += 1) yield new Uint8Array(256 * 1024);
      },
    };
    const { session, phone } = start({ clock, onSilence, tree });
    await phone.open();
    await phone.say('DLMessageDownloadFiles', ['U/film']);
    await phone.channel.readExactly(10);
    for (let minute = 0; minute < 45; minute += 1) {
      await phone.channel.readExactly(8 * (32 * 1024 + 5));
      await settle();
      await pass(clock, 1);
    }
    await phone.channel.readExactly(5 + 4);
    expect(await phone.hearStatus()).toMatchObject({ code: 0 });
    await phone.end();
    await phone.hangUp();
    await session;
    expect(mentions).toEqual([]);
  });

  test('is natural while we work for the phone', async () => {
    const { clock, mentions, onSilence } = quietly();
    let finish = (): void => {};
    const working = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const tree: WritableTree = { ...memoryTree(), remove: () => working };
    const { session, phone } = start({ clock, onSilence, tree });
    await phone.open();
    await phone.say('DLMessageRemoveItems', ['U/Snapshot']);
    await settle();
    await pass(clock, 45);
    finish();
    expect(await phone.hearStatus()).toMatchObject({ code: 0 });
    await phone.end();
    await phone.hangUp();
    await session;
    expect(mentions).toEqual([]);
  });
});

describe('a cancelled session', () => {
  const cancelled = () => {
    const stop = new AbortController();
    return { stop, cancel: () => stop.abort(new Error('enough')) };
  };

  test('before it began ends at once', async () => {
    const { session, phone } = start({ signal: AbortSignal.abort(new Error('enough')) });
    await phone.hangUp();
    await expect(session).rejects.toThrow('enough');
  });

  test('at any message ends with a goodbye', async () => {
    for (let after = 0; after < 4; after += 1) {
      const { stop, cancel } = cancelled();
      const { session, phone } = start({ signal: stop.signal });
      if (after > 0) await phone.say('DLMessageVersionExchange', 400, 0);
      if (after > 1) await phone.say('DLMessageDeviceReady');
      if (after > 2) await phone.answer({ MessageName: 'Response', ErrorCode: 0 });
      await settle();
      cancel();
      expect(await phone.hangUp(), `after ${after} messages`).toBe('goodbye');
      await expect(session).rejects.toThrow('enough');
    }
  });

  test('while the phone is silent ends with a goodbye', async () => {
    const { stop, cancel } = cancelled();
    const { session, phone } = start({ signal: stop.signal });
    await phone.open();
    await settle();
    cancel();
    expect(await phone.hangUp()).toBe('goodbye');
    await expect(session).rejects.toThrow('enough');
  });

  test('with a phone that stopped inside a file ends after fifteen seconds', async () => {
    const { stop, cancel } = cancelled();
    const clock = manualClock(new Date(0));
    const { session, phone } = start({ signal: stop.signal, clock });
    await phone.open();
    await phone.say('DLMessageUploadFiles', {}, 0, 0);
    await phone.channel.write(hex('00000001 78 00000003 552f61 00000009 0c 61'));
    await settle();
    cancel();
    await settle();
    clock.advance(15_000);
    await expect(session).rejects.toThrow('enough');
  });

  test('with a phone that stopped reading a file ends after fifteen seconds', async () => {
    const { stop, cancel } = cancelled();
    const clock = manualClock(new Date(0));
    const tree = memoryTree();
    await tree.write('U/a' as TreePath, [new Uint8Array(8 * 1024 * 1024)]);
    const { session, phone } = start({ signal: stop.signal, clock, tree });
    await phone.open();
    await phone.say('DLMessageDownloadFiles', ['U/a']);
    await phone.channel.readExactly(1_000);
    await settle();
    cancel();
    await settle();
    clock.advance(15_000);
    await expect(session).rejects.toThrow('enough');
  });

  test('does not send the status of what it did last', async () => {
    const { stop, cancel } = cancelled();
    const tree: WritableTree = { ...memoryTree(), remove: async () => cancel() };
    const { session, phone } = start({ signal: stop.signal, tree });
    await phone.open();
    await phone.say('DLMessageRemoveItems', ['U/x']);
    expect((await phone.hear())[0]).toBe('DLMessageDisconnect');
    phone.channel.destroy();
    await expect(session).rejects.toThrow('enough');
  });
});

describe('a request', () => {
  async function requested(run: (wiring: Pick<SessionOptions, 'channel' | 'tree'>) => Promise<unknown>) {
    const { ours, phone: theirs } = wire();
    const phone = new ScriptedPhone(theirs);
    const outcome = run({ channel: ours, tree: memoryTree() });
    outcome.catch(() => {});
    const request = await phone.open();
    await phone.answer({ MessageName: 'Response', ErrorCode: 0, Content: 'words' });
    await phone.hangUp();
    return { request, outcome: await outcome };
  }

  test('for a backup names the device, and asks for all only if all is wanted', async () => {
    expect((await requested((wiring) => requestBackup({ ...wiring, udid: 'U' }))).request).toEqual({
      MessageName: 'Backup',
      TargetIdentifier: 'U',
    });
    expect(
      (await requested((wiring) => requestBackup({ ...wiring, udid: 'U', full: true }))).request,
    ).toMatchObject({
      Options: { ForceFullBackup: true },
    });
  });

  test('for a restore of the whole device says what that is', async () => {
    const { request } = await requested((wiring) =>
      requestRestore({ ...wiring, udid: 'U', sourceUdid: 'OLD', choices: WHOLE_DEVICE }),
    );
    expect(request).toEqual({
      MessageName: 'Restore',
      TargetIdentifier: 'U',
      SourceIdentifier: 'OLD',
      Options: {
        RestoreSystemFiles: true,
        RestorePreserveSettings: false,
        RemoveItemsNotRestored: true,
        RestoreShouldReboot: true,
        RestoreDontCopyBackup: true,
      },
    });
  });

  test('for a restore with a password carries it', async () => {
    const password = new Secret('Æpfel');
    const { request } = await requested((wiring) =>
      requestRestore({ ...wiring, udid: 'U', choices: WHOLE_DEVICE, password }),
    );
    expect(request).toMatchObject({ Options: { Password: 'Æpfel' } });
  });

  test.each([
    ['sets', { new: 'two' }, { NewPassword: 'two' }],
    ['changes', { old: 'one', new: 'two' }, { OldPassword: 'one', NewPassword: 'two' }],
    ['removes', { old: 'one' }, { OldPassword: 'one' }],
  ])('that %s the password says only what is needed for it', async (_, given, fields) => {
    const entries = Object.entries(given).map(([name, password]) => [name, new Secret(password)]);
    const passwords: PasswordChange = Object.fromEntries(entries);
    const { request } = await requested(({ channel }) =>
      requestPasswordChange({ channel, udid: 'U', passwords }),
    );
    expect(request).toEqual({ MessageName: 'ChangePassword', TargetIdentifier: 'U', ...fields });
  });

  test('for information gives the words of the phone', async () => {
    expect((await requested((wiring) => requestInfo({ ...wiring, udid: 'U' }))).outcome).toBe('words');
  });
});
