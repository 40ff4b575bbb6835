import { encodeBinaryPlist, encodeXmlPlist, type PlistDict } from '@rootcellar/codecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePairRecord, parsePairRecord } from './pair-record.ts';

const NEEDED: PlistDict = {
  DeviceCertificate: Buffer.from('device'),
  HostCertificate: Buffer.from('host'),
  HostID: '1B5A4C1E-0000-4000-8000-000000000001',
  HostPrivateKey: Buffer.from('host key'),
  RootCertificate: Buffer.from('root'),
  SystemBUID: '1B5A4C1E-0000-4000-8000-000000000002',
};
const WHOLE: PlistDict = {
  ...NEEDED,
  EscrowBag: Buffer.alloc(32, 7),
  RootPrivateKey: Buffer.from('root key'),
  WiFiMACAddress: 'aa:bb:cc:dd:ee:ff',
};

describe('a pair record', () => {
  test.each([
    ['XML', encodeXmlPlist],
    ['binary', encodeBinaryPlist],
  ])('is read from %s', (_, encode) => {
    const record = parsePairRecord(encode(WHOLE));
    expect(record?.hostID).toBe(WHOLE['HostID']);
    expect(Buffer.from(record?.escrowBag?.reveal() ?? [])).toEqual(WHOLE['EscrowBag']);
    expect(record?.wifiAddress).toBe('aa:bb:cc:dd:ee:ff');
  });

  test('is written as it was read', () => {
    for (const dict of [WHOLE, NEEDED]) {
      const file = encodeXmlPlist(dict);
      const record = parsePairRecord(file);
      if (record === undefined) throw new Error('Not read');
      const again = parsePairRecord(encodePairRecord(record));
      expect(again).toEqual(record);
      expect(again?.hostPrivateKey.reveal()).toEqual(record.hostPrivateKey.reveal());
      expect(again?.escrowBag?.reveal()).toEqual(record.escrowBag?.reveal());
    }
  });

  test('does not show its secrets when it is printed', () => {
    const record = parsePairRecord(encodeXmlPlist(WHOLE));
    expect(JSON.stringify(record)).not.toContain('key');
    expect(record?.hostPrivateKey.toString()).toBe('[secret]');
  });

  test('of another program may lack the root key, the escrow bag and more', () => {
    const record = parsePairRecord(encodeBinaryPlist({ ...NEEDED, UDID: 'x', Unknown: [1] }));
    expect(record).toBeDefined();
    expect(record?.rootPrivateKey).toBeUndefined();
    expect(record?.escrowBag).toBeUndefined();
  });

  test.each(Object.keys(NEEDED))('without %s is none', (key) => {
    expect(parsePairRecord(encodeXmlPlist({ ...WHOLE, [key]: undefined }))).toBeUndefined();
    expect(parsePairRecord(encodeXmlPlist({ ...WHOLE, [key]: 5 }))).toBeUndefined();
  });

  test('that is damaged is none', () => {
    const file = encodeXmlPlist(WHOLE);
    expect(parsePairRecord(new Uint8Array())).toBeUndefined();
    expect(parsePairRecord(file.subarray(0, file.length / 2))).toBeUndefined();
    expect(parsePairRecord(encodeXmlPlist(['array']))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(parsePairRecord(bytes)).toBeUndefined();
        expect(parsePairRecord(Buffer.concat([Buffer.from('bplist00'), bytes]))).toBeUndefined();
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
