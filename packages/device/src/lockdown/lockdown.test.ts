import type { PlistValue } from '@rootcellar/codecs';
import { KnownError, Secret } from '@rootcellar/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { scriptedLockdown } from '../testing/scripted-lockdown.ts';
import type { PairRecord } from './pair-record.ts';

const ESCROW_BAG = new Secret(Uint8Array.of(1, 2, 3));
const RECORD: PairRecord = {
  hostID: 'HOST',
  systemBuid: 'BUID',
  deviceCertificate: new Uint8Array(1),
  hostCertificate: new Uint8Array(1),
  rootCertificate: new Uint8Array(1),
  hostPrivateKey: new Secret(new Uint8Array(1)),
};

afterEach(() => {
  vi.useRealTimers();
});

describe('lockdown', () => {
  test('is asked by name, with what belongs to the question', async () => {
    const { lockdown, requests } = scriptedLockdown(() => ({ Value: 'iPhone' }));
    expect(await lockdown.value('DeviceName')).toBe('iPhone');
    expect(await lockdown.value('WillEncrypt', 'com.apple.mobile.backup')).toBe('iPhone');
    expect(requests).toEqual([
      { Label: 'rootcellar', ProtocolVersion: '2', Request: 'GetValue', Key: 'DeviceName' },
      {
        Label: 'rootcellar',
        ProtocolVersion: '2',
        Request: 'GetValue',
        Key: 'WillEncrypt',
        Domain: 'com.apple.mobile.backup',
      },
    ]);
  });

  test.each(['MissingValue', 'GetProhibited'])('that says %s does not have the value', async (refusal) => {
    const { lockdown } = scriptedLockdown(() => ({ Error: refusal }));
    expect(await lockdown.value('PhoneNumber')).toBeUndefined();
    expect(await lockdown.values('com.apple.fmip')).toEqual({});
  });

  test('that refuses a value for another reason says so', async () => {
    const { lockdown } = scriptedLockdown(() => ({ Error: 'PasswordProtected' }));
    await expect(lockdown.value('PhoneNumber')).rejects.toMatchObject({ code: 'lockdown.locked' });
    await expect(lockdown.values()).rejects.toMatchObject({ code: 'lockdown.locked' });
  });

  test('that refuses with no words at all has still refused', async () => {
    for (const refusal of [5, {}, ['x'], '', false]) {
      const { lockdown } = scriptedLockdown(() => ({ Error: refusal }));
      await expect(lockdown.request('Pair')).rejects.toMatchObject({ code: 'lockdown.unknown-answer' });
    }
  });

  test('of an old system refuses by its result', async () => {
    const { lockdown } = scriptedLockdown(() => ({ Result: 'Failure' }));
    await expect(lockdown.request('Pair')).rejects.toMatchObject({ code: 'lockdown.unknown-answer' });
    const fine = scriptedLockdown(() => ({ Result: 'Success', Value: 1 }));
    expect(await fine.lockdown.value('x')).toBe(1);
  });

  test('in restore mode is not lockdown', async () => {
    const restore = scriptedLockdown(() => ({ Type: 'com.apple.mobile.restored' }));
    await expect(restore.lockdown.requireNormalMode()).rejects.toMatchObject({
      code: 'lockdown.not-lockdown',
    });
    const normal = scriptedLockdown(() => ({ Type: 'com.apple.mobile.lockdown' }));
    await normal.lockdown.requireNormalMode();
  });
});

describe('a service of lockdown', () => {
  test('is started with its escrow bag, and has a port', async () => {
    const { lockdown, requests } = scriptedLockdown(() => ({ Port: 50_000, EnableServiceSSL: true }));
    expect(await lockdown.startService('com.apple.x', ESCROW_BAG)).toEqual({ port: 50_000, secure: true });
    expect(requests[0]).toMatchObject({ Service: 'com.apple.x', EscrowBag: Uint8Array.of(1, 2, 3) });
  });

  test('is not secure unless the phone says so', async () => {
    const { lockdown } = scriptedLockdown(() => ({ Port: 1 }));
    expect(await lockdown.startService('com.apple.afc')).toEqual({ port: 1, secure: false });
  });

  test('behind protected data needs a phone that was unlocked once', async () => {
    const { lockdown } = scriptedLockdown(() => ({ Error: 'MissingValue' }));
    await expect(lockdown.startService('x', ESCROW_BAG)).rejects.toMatchObject({
      code: 'lockdown.never-unlocked',
    });
    await expect(lockdown.startService('x')).rejects.toMatchObject({ code: 'lockdown.value-not-available' });
  });

  test.each([0, -1, 65_536, 'x', 2n ** 70n, true])('at port %s is no service', async (Port) => {
    const { lockdown } = scriptedLockdown(() => ({ Port }));
    await expect(lockdown.startService('x')).rejects.toMatchObject({ code: 'lockdown.unknown-answer' });
  });
});

describe('a session', () => {
  test('without encryption is open at once', async () => {
    const { lockdown, requests } = scriptedLockdown(({ Request }) =>
      Request === 'StartSession' ? { SessionID: 'X', EnableSessionSSL: false } : { Value: '4.0' },
    );
    await lockdown.startSession(RECORD);
    expect(lockdown.productVersion).toBe('4.0');
    expect(requests[1]).toMatchObject({ Request: 'StartSession', HostID: 'HOST', SystemBUID: 'BUID' });
  });

  test('that the phone ends is reported', async () => {
    const { lockdown } = scriptedLockdown(() => 'hang-up');
    await expect(lockdown.value('x')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
    await expect(lockdown.value('x')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });

  test('that breaks inside an answer is reported', async () => {
    const { lockdown, phone } = scriptedLockdown(() => 'silence');
    const asked = lockdown.value('x');
    await phone.channel.write(Uint8Array.of(0, 0, 1));
    phone.channel.end();
    await expect(asked).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });

  test('that we closed ourselves is lost too', async () => {
    const { lockdown } = scriptedLockdown(() => ({ Value: 1 }));
    lockdown.close();
    await expect(lockdown.value('x')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });
});

describe('an answer that comes late', () => {
  test('after we stopped waiting is never taken for the next one', async () => {
    const stop = new AbortController();
    const { lockdown, phone } = scriptedLockdown(() => 'silence', stop.signal);
    const asked = lockdown.value('ProductVersion');
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await phone.send({ Value: 'late' }).catch(() => {});
    await expect(lockdown.value('DeviceName')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });

  test('after half a minute is never taken for the next one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { lockdown, phone } = scriptedLockdown(() => 'silence');
    const asked = lockdown.value('ProductVersion').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await asked).toMatchObject({ code: 'stream.timed-out' });
    await phone.send({ Value: 'late' }).catch(() => {});
    await expect(lockdown.value('DeviceName')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });

  test('after nonsense is not read any more', async () => {
    const { lockdown } = scriptedLockdown(() => ['no', 'dictionary']);
    await expect(lockdown.value('x')).rejects.toMatchObject({ code: 'lockdown.unknown-answer' });
    await expect(lockdown.value('x')).rejects.toMatchObject({ code: 'lockdown.session-lost' });
  });
});

test('any answer gives a value or a known error', async () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.uint8Array({ maxLength: 8 }));
  const keys = fc.constantFrom('Error', 'Result', 'Value', 'Port', 'Type', 'EnableServiceSSL', 'Request');
  const answers = fc.oneof(leaf, fc.array(leaf), fc.dictionary(keys, fc.oneof(leaf, fc.array(leaf))));
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const calls = [
        (it: ReturnType<typeof scriptedLockdown>) => it.lockdown.value('x'),
        (it: ReturnType<typeof scriptedLockdown>) => it.lockdown.values(),
        (it: ReturnType<typeof scriptedLockdown>) => it.lockdown.startService('x', ESCROW_BAG),
        (it: ReturnType<typeof scriptedLockdown>) => it.lockdown.requireNormalMode(),
      ];
      for (const call of calls) {
        const scripted = scriptedLockdown(() => answer as PlistValue);
        const outcome = await call(scripted).catch((error: unknown) => error);
        scripted.lockdown.close();
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(KnownError);
      }
    }),
    { seed: 1, numRuns: 150 },
  );
});
