import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { arriving, hex, toHex } from '../../testing/byte-pipe.ts';
import { wire } from '../../testing/scripted-phone.ts';
import { afcClient } from './afc.ts';
import { AFC_OPERATION, type AfcPacket, encodeAfcPacket, readAfcPacket } from './afc-packet.ts';

const MAGIC = '434641364c504141';
const CHUNK_BYTES = 64 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

function u64(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

const number = (packet: AfcPacket, at = 0) => Number(Buffer.from(packet.body).readBigUInt64LE(at));

interface Answer {
  readonly operation: number;
  readonly fixed: Uint8Array;
  readonly number?: number;
}

const status = (value: number): Answer => ({ operation: AFC_OPERATION.status, fixed: u64(value) });
const data = (bytes: Uint8Array): Answer => ({ operation: AFC_OPERATION.data, fixed: bytes });
const opened = (handle: number): Answer => ({ operation: AFC_OPERATION.fileOpened, fixed: u64(handle) });

/** A phone whose file service answers as a test says; `undefined` is silence. */
function phoneWith(answer: (request: AfcPacket) => Answer | Uint8Array | undefined) {
  const { ours, phone } = wire();
  const requests: AfcPacket[] = [];
  void (async () => {
    for (;;) {
      const request = await readAfcPacket(phone).catch(() => undefined);
      if (request === undefined) return;
      requests.push(request);
      const says = answer(request);
      if (says === undefined) continue;
      if (says instanceof Uint8Array) await phone.write(says);
      else await phone.write(encodeAfcPacket({ number: Number(request.number), ...says }));
    }
  })();
  return { afc: afcClient(ours), requests, phone, channel: ours };
}

/** Keeps one file, as a phone would. */
function phoneWithFile(content: Uint8Array) {
  let file = Buffer.from(content);
  let at = 0;
  const opens = new Set<number>();
  const it = phoneWith((request) => {
    switch (request.operation) {
      case AFC_OPERATION.fileOpen:
        if (number(request) === 3) file = Buffer.alloc(0);
        at = 0;
        opens.add(5);
        return opened(5);
      case AFC_OPERATION.fileRead: {
        const piece = file.subarray(at, at + number(request, 8));
        at += piece.length;
        return data(piece);
      }
      case AFC_OPERATION.fileWrite:
        file = Buffer.concat([file, request.body.subarray(8)]);
        return status(0);
      case AFC_OPERATION.fileClose:
        opens.delete(5);
        return status(0);
      default:
        return status(15);
    }
  });
  return { ...it, opens, content: () => file };
}

describe('a packet of AFC', () => {
  test('that opens a file has the bytes of the specification', () => {
    const path = Buffer.from('/com.apple.itunes.lock_sync\0');
    const packet = encodeAfcPacket({ operation: 0x0d, number: 1, fixed: Buffer.concat([u64(2), path]) });
    const expected = `${MAGIC} 4c00000000000000 4c00000000000000 0100000000000000 0d00000000000000
      0200000000000000 ${toHex(path)}`;
    expect(toHex(packet)).toBe(toHex(hex(expected)));
  });

  test('that locks a file has the bytes of the specification', () => {
    const packet = encodeAfcPacket({ operation: 0x1b, number: 2, fixed: u64(5, 6) });
    const expected = `${MAGIC} 3800000000000000 3800000000000000 0200000000000000 1b00000000000000
      0500000000000000 0600000000000000`;
    expect(toHex(packet)).toBe(toHex(hex(expected)));
  });

  test('that writes says apart where the content begins', () => {
    const packet = encodeAfcPacket({
      operation: 0x10,
      number: 3,
      fixed: u64(5),
      bulk: Buffer.from('0123456789'),
    });
    const expected = `${MAGIC} 3a00000000000000 3000000000000000 0300000000000000 1000000000000000
      0500000000000000 ${Buffer.from('0123456789').toString('hex')}`;
    expect(toHex(packet)).toBe(toHex(hex(expected)));
  });

  test('is read as it was written, and cut short at every byte but the last', async () => {
    const packet = encodeAfcPacket({ operation: 2, number: 9, fixed: Buffer.from('abc') });
    const read = await readAfcPacket(arriving(packet));
    expect(read).toMatchObject({ operation: 2, number: 9n });
    expect(toHex(read.body)).toBe('616263');
    for (let cut = 0; cut < packet.length; cut += 1) {
      await expect(readAfcPacket(arriving(packet.subarray(0, cut)))).rejects.toMatchObject({
        code: 'stream.cut-short',
      });
    }
  });

  test.each([0n, 39n, 64n * 1024n * 1024n + 1n, 2n ** 64n - 1n])('of %d bytes is refused', async (size) => {
    const packet = Buffer.from(encodeAfcPacket({ operation: 2, number: 1, fixed: new Uint8Array() }));
    packet.writeBigUInt64LE(size, 8);
    await expect(readAfcPacket(arriving(packet))).rejects.toMatchObject({ code: 'afc.answer-invalid' });
  });

  test('without its magic word is refused', async () => {
    const packet = Buffer.from(encodeAfcPacket({ operation: 2, number: 1, fixed: new Uint8Array() }));
    packet[0] = 0;
    await expect(readAfcPacket(arriving(packet))).rejects.toMatchObject({ code: 'afc.answer-invalid' });
  });
});

describe('a file on the phone', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7])(
    'of %d bytes is written and read back, in chunks that every phone accepts',
    async (size) => {
      const bytes = Buffer.alloc(size, 'rootcellar');
      const { afc, requests, opens, content } = phoneWithFile(Buffer.from('old'));
      await afc.writeFile('/x', bytes);
      expect(content().equals(bytes)).toBe(true);
      expect(Buffer.from((await afc.readFile('/x')) ?? []).equals(bytes)).toBe(true);
      expect(opens.size).toBe(0);
      for (const request of requests) expect(request.body.length).toBeLessThanOrEqual(CHUNK_BYTES + 8);
      expect(requests.map((request) => request.number)).toEqual(
        requests.map((_, index) => BigInt(index + 1)),
      );
    },
  );

  test('that does not exist reads as nothing', async () => {
    expect(await phoneWith(() => status(8)).afc.readFile('/x')).toBeUndefined();
  });

  test('larger than any we read whole is an error, never a part of it', async () => {
    const piece = Buffer.alloc(1024 * 1024);
    let closed = 0;
    const { afc } = phoneWith(({ operation }) => {
      if (operation === AFC_OPERATION.fileOpen) return opened(1);
      if (operation === AFC_OPERATION.fileRead) return data(piece);
      closed += 1;
      return status(0);
    });
    await expect(afc.readFile('/x')).rejects.toMatchObject({ code: 'afc.too-large' });
    expect(closed).toBe(1);
  });

  test('is closed also when it could not be read or written', async () => {
    for (const failing of [AFC_OPERATION.fileRead, AFC_OPERATION.fileWrite]) {
      const { afc, requests } = phoneWith(({ operation }) => {
        if (operation === AFC_OPERATION.fileOpen) return opened(1);
        return operation === failing ? status(18) : status(0);
      });
      const work =
        failing === AFC_OPERATION.fileRead ? afc.readFile('/x') : afc.writeFile('/x', new Uint8Array(1));
      await expect(work).rejects.toMatchObject({ code: 'afc.no-space' });
      expect(requests.at(-1)?.operation).toBe(AFC_OPERATION.fileClose);
    }
  });

  test('is removed without complaint when it is gone', async () => {
    await phoneWith(() => status(8)).afc.remove('/x');
    await expect(phoneWith(() => status(10)).afc.remove('/x')).rejects.toMatchObject({ code: 'afc.refused' });
  });

  test('is listed without the folder itself and the one above', async () => {
    const { afc } = phoneWith(() => data(Buffer.from('.\0..\0DCIM\0e\u0301\0')));
    expect(await afc.list('/')).toEqual(['DCIM', 'e\u0301']);
  });
});

describe('a status of AFC', () => {
  test.each([
    [1, 'afc.refused'],
    [8, 'afc.not-found'],
    [10, 'afc.refused'],
    [15, 'afc.refused'],
    [18, 'afc.no-space'],
    [19, 'afc.busy'],
    [9_999, 'afc.refused'],
  ])('%d is %s', async (value, code) => {
    await expect(phoneWith(() => status(value)).afc.makeFolder('/x')).rejects.toMatchObject({ code });
  });

  test('of a refusal is kept as a number', async () => {
    await expect(phoneWith(() => status(10)).afc.rename('/a', '/b')).rejects.toMatchObject({
      details: { status: 10 },
    });
  });
});

describe('a lock of AFC', () => {
  test('is taken, missed, given back', async () => {
    const answers = [opened(5), status(19), status(0), status(0), status(0)];
    const { afc, requests } = phoneWith(() => answers.shift());
    const handle = await afc.openForLock('/lock');
    expect(await afc.tryLock(handle)).toBe(false);
    expect(await afc.tryLock(handle)).toBe(true);
    await afc.unlockAndClose(handle);
    expect(requests.slice(1).map(({ operation, body }) => [operation, toHex(body.subarray(8, 16))])).toEqual([
      [AFC_OPERATION.fileLock, toHex(u64(6))],
      [AFC_OPERATION.fileLock, toHex(u64(6))],
      [AFC_OPERATION.fileLock, toHex(u64(12))],
      [AFC_OPERATION.fileClose, ''],
    ]);
  });

  test('that is refused for another reason is an error', async () => {
    await expect(phoneWith(() => status(10)).afc.tryLock(5n)).rejects.toMatchObject({ code: 'afc.refused' });
  });
});

describe('an answer of AFC', () => {
  test('that belongs to another request is refused, and none is read after it', async () => {
    const { afc, channel } = phoneWith(() => ({ ...status(0), number: 77 }));
    await expect(afc.makeFolder('/x')).rejects.toMatchObject({ code: 'afc.answer-invalid' });
    expect(channel.closed).toBe(true);
  });

  test('that comes late is never taken for the next one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { afc, phone } = phoneWith(() => undefined);
    const asked = afc.makeFolder('/x').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await asked).toMatchObject({ code: 'stream.timed-out' });
    await phone.write(encodeAfcPacket({ ...status(0), number: 1 })).catch(() => {});
    await expect(afc.makeFolder('/y')).rejects.toMatchObject({ code: 'stream.closed' });
  });

  test('of any kind is a value or a known error', async () => {
    const answers = fc.oneof(
      fc.record({ operation: fc.nat(0x30), fixed: fc.uint8Array({ maxLength: 20 }) }),
      fc.uint8Array({ minLength: 40, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        let asked = 0;
        const { afc, phone, channel } = phoneWith(() => {
          asked += 1;
          return asked > 3 ? status(1) : answer;
        });
        const calls = [
          () => afc.list('/'),
          () => afc.readFile('/x'),
          () => afc.tryLock(1n),
          () => afc.remove('/'),
        ];
        for (const call of calls) {
          const outcome = await Promise.race([call(), hungUp(phone)]).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(KnownError);
        }
        channel.destroy();
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

/** Nonsense may leave both sides waiting for each other: then the phone ends it. */
async function hungUp(phone: ReturnType<typeof wire>['phone']): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  phone.destroy();
  return undefined;
}
