import { existsSync, readFileSync } from 'node:fs';
import { asArray, asDict, asString, PlistUid, type PlistValue, parsePropertyList } from '@rootcellar/codecs';
import { describe, expect, it } from 'vitest';

const RECORDED = new URL('../fixtures/appium-ios-device/', import.meta.url);

/**
 * The edge cases of libplist are under another licence than ours, so they are read where somebody has put
 * them, and rebuilt by hand in the unit tests of the codecs.
 */
const LIBPLIST = new URL('../../../shared/fixtures/libimobiledevice+libplist/', import.meta.url);
const hasLibplist = existsSync(LIBPLIST);
if (!hasLibplist) console.warn('the test data of libplist are missing: skipped');

describe('messages of a real device', () => {
  it('read the answer of lockdown, which is XML', () => {
    const answer = asDict(parsePropertyList(recordedMessage('lockdowngetvaluemessage.bin')));
    expect(asString(answer?.['Request'])).toBe('GetValue');
  });

  it('read the list of installed apps, which is binary', () => {
    const answer = asDict(parsePropertyList(recordedMessage('installationproxylistmessage.bin')));
    expect(asArray(answer?.['CurrentList'])?.length).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasLibplist)('edge cases of libplist', () => {
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8];
  const plural = (size: number) => (size === 1 ? 'byte' : 'bytes');

  it.each(sizes)('reads references and offsets of %i bytes', (size) => {
    expect(edgeCase(`dictref${size}${plural(size)}.bplist`)).toMatchObject({ A: 'B' });
    expect(edgeCase(`off${size}${plural(size)}.bplist`)).toMatchObject({ A: 'B' });
  });

  it.each<[name: string, value: PlistValue]>([
    ['signed.bplist', -1],
    ['signed.plist', -1],
    ['unsigned.bplist', 2n ** 64n - 1n],
    ['unsigned.plist', 2n ** 64n - 1n],
    ['signedunsigned.bplist', [-1, 2n ** 64n - 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n]],
    ['signedunsigned.plist', [-1, 2n ** 64n - 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n]],
    ['uid.bplist', new PlistUid(7)],
    ['hex.plist', 7932961166869],
  ])('reads %s', (name, value) => {
    expect(edgeCase(name)).toEqual(value);
  });

  it('reads both encodings of one list equally', () => {
    expect(edgeCase('order.bplist')).toEqual(edgeCase('order.plist'));
    expect(edgeCase('off1byte.bplist')).toEqual(edgeCase('offxml.plist'));
  });

  it.each([
    '1.plist',
    '2.plist',
    '7.plist',
    'cdata.plist',
    'entities.plist',
    'empty_keys.plist',
    'data.bplist',
  ])('reads %s', (name) => {
    expect(asDict(edgeCase(name))).toBeDefined();
  });

  it.each(['malformed_dict.bplist', 'recursion.bplist', 'invalid_tag.plist', 'amp.plist'])(
    'refuses %s',
    (name) => {
      expect(() => edgeCase(name)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^plist\.(binary|xml)-malformed$/) }),
      );
    },
  );
});

function recordedMessage(name: string): Uint8Array {
  const bytes = readFileSync(new URL(name, RECORDED));
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0));
}

function edgeCase(name: string): PlistValue {
  return parsePropertyList(readFileSync(new URL(name, LIBPLIST)));
}
