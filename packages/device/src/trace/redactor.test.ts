import { PlistReal, type PlistValue } from '@rootcellar/codecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEPT } from './kept-words.ts';
import { Redactor } from './redactor.ts';

const redact = (value: PlistValue) => new Redactor().redact(value);

describe('a redactor', () => {
  test('gives the same thing the same placeholder, and another thing another', () => {
    const udid = '00008120-0001A2B3C4D5E6F7';
    expect(redact({ SerialNumber: udid, UniqueDeviceID: udid, DeviceName: 'Anna’s iPhone' })).toEqual({
      SerialNumber: '$udid:1',
      UniqueDeviceID: '$udid:1',
      DeviceName: '$text:16:1',
    });
    expect(redact(['Anna', 'Otto', 'Anna'])).toEqual(['$text:4:1', '$text:4:2', '$text:4:1']);
  });

  test('keeps what says which system it is, if it looks like one', () => {
    const about = { ProductVersion: '26.1', BuildVersion: '23B85', ProductType: 'iPhone15,2' };
    expect(redact(about)).toEqual(about);
    expect(redact({ ProductVersion: 'Anna', BuildVersion: 'Anna', ProductType: 'Anna15,2' })).toEqual({
      ProductVersion: '$text:4:1',
      BuildVersion: '$text:4:1',
      ProductType: '$text:8:1',
    });
    expect(redact({ DeviceName: '26.1' })).toEqual({ DeviceName: '$text:4:1' });
  });

  test('keeps names of values, and knows what a value is called', () => {
    expect(redact({ Request: 'GetValue', Key: 'ProductVersion', Value: '26.1' })).toEqual({
      Request: 'GetValue',
      Key: 'ProductVersion',
      Value: '26.1',
    });
    expect(redact({ Key: 'DeviceName', Value: 'Anna' })).toEqual({ Key: 'DeviceName', Value: '$text:4:1' });
  });

  test.each([
    [{ Number: 3 }, { Number: 3 }],
    [{ Number: 3_000_000 }, { Number: '$number:32:1' }],
    [
      [0, 1, 2, -1, 300],
      [0, 1, '$number:8:1', '$negative:8:1', '$number:16:1'],
    ],
    [[2n ** 63n], ['$number:64:1']],
    [{ ProtocolVersion: new PlistReal(2) }, { ProtocolVersion: '$is-real:2' }],
    [{ TimeIntervalSince1970: new PlistReal(2) }, { TimeIntervalSince1970: '$real:1' }],
    [
      ['DLMessageVersionExchange', 400, 7],
      ['DLMessageVersionExchange', 400, 7],
    ],
    [{ PairRecordData: new Uint8Array(1000) }, { PairRecordData: '$data:1024:1' }],
    [{ 'Anna’s key': true }, { '$text:16:1': true }],
    [[new Date(0)], ['$date:1']],
    [
      ['02:00:5e:10:00:01', '/var/mobile/x'],
      ['$mac:1', '$path:16:1'],
    ],
  ] satisfies readonly (readonly [PlistValue, unknown])[])(
    'replaces by kind and size what could name somebody, and only that (%#)',
    (value, redacted) => {
      expect(redact(value)).toEqual(redacted);
    },
  );

  test('lets nothing through that is not on the list, wherever it stands', () => {
    const kept = new Set(KEPT.flatMap(({ keys = [], texts = [] }) => [...keys, ...texts]));
    const secret = fc.string({ minLength: 6, maxLength: 40 }).filter((text) => !kept.has(text));
    const place = fc.constantFrom('DeviceName', 'Error', 'ProductVersion', 'Value', 'Key', 'Service', 'x');
    fc.assert(
      fc.property(secret, place, fc.nat(3), (text, key, depth) => {
        let value: PlistValue = { [key]: text, [text]: [text, Buffer.from(text)], Key: text, Value: text };
        for (let level = 0; level < depth; level += 1) value = [value, { [key]: value }];
        const words = JSON.stringify(redact(value));
        expect(words).not.toContain(text);
        expect(words).not.toContain(JSON.stringify(text).slice(1, -1));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('ends with what is nested without end', () => {
    let value: PlistValue = 'Anna';
    for (let level = 0; level < 1000; level += 1) value = [value];
    expect(JSON.stringify(redact(value))).toContain('$cut-off');
  });

  test('has a reason for everything that stays', () => {
    for (const { reason } of KEPT) expect(reason).toMatch(/\w.*\.$/);
  });
});
