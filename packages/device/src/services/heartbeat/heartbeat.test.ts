import type { PlistDict } from '@rootcellar/codecs';
import { type ByteChannel, type KnownError, manualClock } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { type PlistStream, plistStream } from '../../plist-stream.ts';
import { wire } from '../../testing/scripted-phone.ts';
import { keepHeartbeat } from './heartbeat.ts';

const MARCO = { Command: 'Marco', Interval: 10, SupportsSleepyTime: true };

/** A phone to which the heartbeat service can be opened again and again. */
function beatingPhone() {
  const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  const lost: KnownError[] = [];
  const phones: PlistStream[] = [];
  const open = async (): Promise<ByteChannel> => {
    const { ours, phone } = wire();
    phones.push(plistStream(phone));
    return ours;
  };
  const stop = keepHeartbeat({ open, onLost: (error) => lost.push(error), clock });
  return {
    lost,
    stop,
    opened: () => phones.length,
    /** The phone's end of the newest connection. */
    get phone(): PlistStream {
      const newest = phones.at(-1);
      if (newest === undefined) throw new Error('Nothing was opened');
      return newest;
    },
    /** Lets time pass, and whatever follows from it happen. */
    async pass(seconds: number) {
      await settled();
      clock.advance(seconds * 1000);
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function answerTo(phone: PlistStream, question: PlistDict) {
  await phone.send(question);
  return phone.receive({ timeoutMs: 1_000, waitingFor: 'Polo' });
}

describe('the heartbeat', () => {
  test('answers each question at once, for as long as it is asked', async () => {
    const beating = beatingPhone();
    await settled();
    for (let beat = 0; beat < 5; beat += 1) {
      expect(await answerTo(beating.phone, MARCO)).toEqual({ Command: 'Polo' });
      await beating.pass(14);
    }
    expect(beating.opened()).toBe(1);
    beating.stop();
  });

  test('has nothing to say to a phone that is about to sleep', async () => {
    const beating = beatingPhone();
    await settled();
    await beating.phone.send({ Command: 'SleepyTime' });
    expect(await answerTo(beating.phone, MARCO)).toEqual({ Command: 'Polo' });
    beating.stop();
  });

  test('is taken up again when it breaks, as often as that helps', async () => {
    const beating = beatingPhone();
    await settled();
    for (let break_ = 1; break_ <= 4; break_ += 1) {
      await answerTo(beating.phone, MARCO);
      beating.phone.channel.end();
      await beating.pass(1);
      expect(beating.opened()).toBe(1 + break_);
    }
    expect(beating.lost).toEqual([]);
    beating.stop();
  });

  test.each([
    ['says nothing', 15, () => {}],
    ['speaks nonsense', 1, (phone: PlistStream) => phone.channel.write(Buffer.from('ffffffff', 'hex'))],
    ['hangs up', 1, (phone: PlistStream) => phone.channel.end()],
  ] as const)('of a phone that %s twice is lost', async (_, seconds, speak) => {
    const beating = beatingPhone();
    for (let round = 0; round < 2; round += 1) {
      await settled();
      await speak(beating.phone);
      await beating.pass(seconds);
      await beating.pass(1);
    }
    expect(beating.opened()).toBe(2);
    expect(beating.lost).toMatchObject([{ code: 'heartbeat.lost' }]);
  });

  test('that was stopped opens nothing and loses nothing', async () => {
    const beating = beatingPhone();
    await settled();
    beating.stop();
    await beating.pass(100);
    await beating.pass(100);
    expect(beating.opened()).toBe(1);
    expect(beating.lost).toEqual([]);
  });

  test.each([0, -1, 10_000, 'soon'])(
    'waits ten seconds and some when the interval is %j',
    async (Interval) => {
      const beating = beatingPhone();
      await settled();
      await answerTo(beating.phone, { ...MARCO, Interval });
      await beating.pass(14);
      expect(beating.opened()).toBe(1);
      await beating.pass(2);
      await beating.pass(1);
      expect(beating.opened()).toBe(2);
      beating.stop();
    },
  );
});
