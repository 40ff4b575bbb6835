import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../testing/byte-pipe.ts';
import { parseNetworkAddress } from './network-address.ts';

const V6 = '0000 00000000 fe80000000000000 0000000000000001 0c000000';

describe('a raw socket address', () => {
  test.each([
    ['macOS', '1002 0000 c0a80114 0000000000000000'],
    ['Linux and Windows', '0200 0000 c0a80114 0000000000000000'],
    ['Linux, with a port', '0200 f27e c0a80114 0000000000000000'],
    ['macOS, filled up', `1002 0000 c0a80114 ${'00'.repeat(120)}`],
  ])('of IPv4 from %s is read', (_, bytes) => {
    expect(parseNetworkAddress(hex(bytes))).toEqual({ host: '192.168.1.20', family: 4 });
  });

  test.each([
    ['macOS', `1c1e ${V6}`],
    ['Linux', `0a00 ${V6}`],
    ['Windows', `1700 ${V6}`],
    ['Linux, filled up', `0a00 ${V6} ${'00'.repeat(100)}`],
  ])('of link-local IPv6 from %s has its scope', (_, bytes) => {
    expect(parseNetworkAddress(hex(bytes))).toEqual({ host: 'fe80::1%12', family: 6 });
  });

  test('of other IPv6 has none', () => {
    const bytes = hex('0a00 0000 00000000 20010db8000000000000000000000014 0c000000');
    expect(parseNetworkAddress(bytes)).toEqual({ host: '2001:db8::14', family: 6 });
  });

  test.each([
    ['nothing', undefined],
    ['no bytes', new Uint8Array()],
    ['an IPv4 address cut short', hex('0200 0000 c0a80114 00000000000000')],
    ['an IPv6 address cut short', hex(`0a00 ${V6}`).subarray(0, 27)],
    ['a family that nobody knows', hex('6300 0000 c0a80114 0000000000000000')],
  ])('cannot be read from %s', (_, bytes) => {
    expect(parseNetworkAddress(bytes)).toBeUndefined();
  });

  test('of any bytes gives an address or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), (bytes) => {
        const address = parseNetworkAddress(bytes);
        expect(address === undefined || address.host.length > 0).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
