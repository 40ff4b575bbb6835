import { encodeBinaryPlist, encodeXmlPlist, type PlistValue } from '@rootcellar/codecs';
import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, toHex } from '../../testing/byte-pipe.ts';
import { ScriptedPhone, wire } from '../../testing/scripted-phone.ts';
import { DeviceLink } from './device-link.ts';
import { parseDeviceLinkMessage } from './device-link-message.ts';

const VERSION_EXCHANGE = hex(`00000050 62706c6973743030 a3010203 5f1018
  444c4d65737361676556657273696f6e45786368616e6765 110190 1000 08 0c 27 2a 000000000000 01 01
  0000000000000004 0000000000000000 000000000000002c`);
const VERSIONS_OK = hex(`0000005b 62706c6973743030 a3010203 5f1018
  444c4d65737361676556657273696f6e45786368616e6765 5c 444c56657273696f6e734f6b 110190 08 0c 27 34
  000000000000 01 01 0000000000000004 0000000000000000 0000000000000037`);
const DEVICE_READY = hex(`00000043 62706c6973743030 a101 5f1014 444c4d6573736167654465766963655265616479
  08 0a 000000000000 01 01 0000000000000002 0000000000000000 0000000000000021`);
const STATUS_OK = hex(`0000006c 62706c6973743030 a401020304 5f1017
  444c4d657373616765537461747573526573706f6e7365 1000 5f101a
  5f5f5f456d707479506172616d65746572537472696e675f5f5f d0 080d272946 000000000000 01 01
  0000000000000005 0000000000000000 0000000000000047`);

function start() {
  const { ours, phone } = wire();
  return { link: new DeviceLink(ours), phone: new ScriptedPhone(phone), channel: ours };
}

describe('opening DeviceLink', () => {
  test('goes as the specification shows, byte for byte', async () => {
    const { link, phone } = start();
    const opening = link.open();
    await phone.channel.write(VERSION_EXCHANGE);
    expect(toHex(await phone.channel.readExactly(VERSIONS_OK.length))).toBe(toHex(VERSIONS_OK));
    await phone.channel.write(DEVICE_READY);
    await opening;
  });

  test('says nothing before the phone has spoken', async () => {
    const { link, phone } = start();
    void link.open().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(phone.channel.receivedBytes).toBe(0);
    phone.channel.destroy();
  });

  test.each([300, 400, 500])('speaks version %d if the phone does', async (major) => {
    const { link, phone } = start();
    const opening = link.open();
    await phone.say('DLMessageVersionExchange', major, 0);
    expect(await phone.hear()).toEqual(['DLMessageVersionExchange', 'DLVersionsOk', major]);
    await phone.say('DLMessageDeviceReady');
    await opening;
  });

  test.each<[string, PlistValue]>([
    ['says goodbye', ['DLMessageDisconnect', 'why']],
    ['says something else', ['DLMessageDeviceReady']],
  ])('fails when the phone %s', async (_, message) => {
    const { link, phone } = start();
    const opening = link.open();
    await phone.say(...(message as PlistValue[]));
    await expect(opening).rejects.toMatchObject({ code: 'device-link.not-ready' });
  });

  test('fails when the phone hangs up', async () => {
    const { link, phone } = start();
    const opening = link.open();
    phone.channel.end();
    await expect(opening).rejects.toMatchObject({ code: 'device-link.not-ready' });
  });

  test('stops when it is told to', async () => {
    const { link } = start();
    await expect(link.open(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('a status', () => {
  test('of success has the bytes of the specification', async () => {
    const { link, phone } = start();
    await link.sendStatus({ code: 0 });
    expect(toHex(await phone.channel.readExactly(STATUS_OK.length))).toBe(toHex(STATUS_OK));
  });

  test.each([
    [-13, '13fffffffffffffff3'],
    [-6, '13fffffffffffffffa'],
    [-15, '13fffffffffffffff1'],
  ])('of %d is a signed number of 64 bits', async (code, bytes) => {
    const { link, phone } = start();
    await link.sendStatus({ code, text: 'x' });
    const size = Buffer.from(await phone.channel.readExactly(4)).readUInt32BE();
    expect(toHex(await phone.channel.readExactly(size))).toContain(bytes);
  });
});

describe('a goodbye', () => {
  test('is said, and the phone may hang up', async () => {
    const { link, phone, channel } = start();
    const closing = link.close();
    expect(await phone.hear()).toEqual(['DLMessageDisconnect', '___EmptyParameterString___']);
    phone.channel.end();
    await closing;
    expect(channel.closed).toBe(true);
  });

  test('takes two seconds at most, whether the phone is silent, chatters or does not read', async () => {
    const silent = start();
    const chatty = start();
    const deaf = start();
    void deaf.channel.write(new Uint8Array(1024 * 1024)).catch(() => {});
    deaf.phone.channel.release();
    const chatter = setInterval(() => void chatty.phone.say('DLMessagePing', 'x').catch(() => {}), 5);
    const began = performance.now();
    await Promise.all([silent, chatty, deaf].map(({ link }) => link.close()));
    clearInterval(chatter);
    expect(performance.now() - began).toBeLessThan(3_000);
    for (const { channel } of [silent, chatty, deaf]) expect(channel.closed).toBe(true);
  });

  test('to a phone that is gone does not fail', async () => {
    const { link, phone } = start();
    phone.channel.destroy();
    await link.close();
    await link.close();
  });
});

describe.each([
  ['binary', encodeBinaryPlist],
  ['XML', encodeXmlPlist],
])('a message in %s', (_, encode) => {
  test('gives its name, its elements and pairs of names', () => {
    const message = parseDeviceLinkMessage(encode(['DLMessageMoveItems', { a: 'b', c: 'd' }, {}, 5]));
    expect(message.name).toBe('DLMessageMoveItems');
    expect([...message.stringPairs(1)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(message.element(3)).toBe(5);
    expect(message.element(4)).toBeUndefined();
  });

  test.each<[string, PlistValue]>([
    ['no array', { a: 1 }],
    ['an empty array', []],
    ['a name that is no text', [5]],
    ['too many elements', Array.from({ length: 17 }, () => 'x')],
  ])('is refused with %s', (_name, value) => {
    expect(() => parseDeviceLinkMessage(encode(value))).toThrow(
      expect.objectContaining({ code: 'device-link.message-invalid' }),
    );
  });

  test.each<[string, PlistValue[]]>([
    ['nothing', ['x']],
    ['a text', ['x', 'y']],
    ['an array', ['x', ['a']]],
    ['a number among the names', ['x', { a: 5 }]],
  ])('has no pairs of names in %s', (_name, value) => {
    const message = parseDeviceLinkMessage(encode(value));
    expect(() => [...message.stringPairs(1)]).toThrow(
      expect.objectContaining({ code: 'device-link.message-invalid' }),
    );
  });
});

test('any bytes are a message or a known error', () => {
  const prefix = fc.constantFrom('', 'bplist00', '<plist>');
  fc.assert(
    fc.property(prefix, fc.uint8Array({ maxLength: 80 }), (start, rest) => {
      try {
        parseDeviceLinkMessage(Buffer.concat([Buffer.from(start), rest]));
      } catch (error) {
        expect(error).toBeInstanceOf(KnownError);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});
