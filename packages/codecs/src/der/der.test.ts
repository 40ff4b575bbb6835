import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derUtcOrGeneralizedTime,
  derUtf8String,
} from './encode-der.ts';
import {
  derBitStringOf,
  derBooleanOf,
  derGeneralizedTimeOf,
  derIntegerOf,
  derOctetStringOf,
  derOidOf,
  derUtf8StringOf,
  parseDer,
} from './parse-der.ts';

describe('the DER builders', () => {
  it.each([
    [derInteger(0), '020100'],
    [derInteger(127), '02017f'],
    [derInteger(128), '02020080'],
    [derInteger(65537), '0203010001'],
    [derInteger(-1), '0201ff'],
    [derInteger(-128), '020180'],
    [derInteger(-129), '0202ff7f'],
    [derOid('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    [derOid('2.5.29.19'), '0603551d13'],
    [derOid('2.999.3'), '0603883703'],
    [derBoolean(true), '0101ff'],
    [derBoolean(false), '010100'],
    [derNull(), '0500'],
    [derBitString(Uint8Array.of(0xa0), 5), '030205a0'],
    [derOctetString(Uint8Array.of(1, 2)), '04020102'],
    [derUtf8String('ö'), '0c02c3b6'],
    [derSequence(derSequence(), derNull()), '300430000500'],
    [derSequence(derBoolean(true)), '30030101ff'],
    [derSet(derInteger(2), derInteger(1)), '3106020101020102'],
    [derContext(3, derNull()), 'a3020500'],
    [derUtcOrGeneralizedTime(new Date('2049-12-31T23:59:59Z')), '170d3439313233313233353935395a'],
    [derUtcOrGeneralizedTime(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
  ])('write case %# as the standard says', (bytes, hex) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
  });

  it('write lengths of one to three bytes', () => {
    for (const [length, head] of [
      [127, '047f'],
      [128, '048180'],
      [256, '04820100'],
      [65536, '0483010000'],
    ] as const) {
      const bytes = derOctetString(new Uint8Array(length));
      expect(Buffer.from(bytes.subarray(0, bytes.length - length)).toString('hex')).toBe(head);
      expect(parseDer(bytes).content).toHaveLength(length);
    }
  });
});

describe('parseDer', () => {
  it('reads back integers and object identifiers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        expect(derIntegerOf(parseDer(derInteger(value)))).toBe(value);
      }),
      { seed: 1, numRuns: 500 },
    );
    for (const oid of ['1.2.840.113549.1.1.11', '2.5.29.19', '0.9.2342', '2.999.3']) {
      expect(derOidOf(parseDer(derOid(oid)))).toBe(oid);
    }
  });

  it('finds the key inside of a public key that OpenSSL wrote', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const [algorithm, bits] = parseDer(publicKey.export({ format: 'der', type: 'spki' })).children;
    expect(derOidOf(algorithm?.children[0] as never)).toBe('1.2.840.113549.1.1.1');
    const inner = Buffer.from(derBitStringOf(bits as never));
    const again = createPublicKey({ key: inner, format: 'der', type: 'pkcs1' });
    expect(again.equals(publicKey)).toBe(true);
    expect(parseDer(inner).children.map(derIntegerOf)[1]).toBe(65537n);
  });

  it('agrees with OpenSSL that the builders can describe a certificate', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const algorithm = derSequence(derOid('1.2.840.113549.1.1.11'), derNull());
    const validity = derSequence(
      derUtcOrGeneralizedTime(new Date('2026-01-01T00:00:00Z')),
      derUtcOrGeneralizedTime(new Date('2055-01-01T00:00:00Z')),
    );
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const constraints = derSequence(
      derOid('2.5.29.19'),
      derBoolean(true),
      derOctetString(derSequence(derBoolean(true))),
    );
    const version = derContext(0, derInteger(2));
    const extensions = derContext(3, derSequence(constraints));
    const names = derSequence();
    const body = derSequence(version, derInteger(1), algorithm, names, validity, names, spki, extensions);
    const certificate = derSequence(body, algorithm, derBitString(new Uint8Array(128)));
    const read = new X509Certificate(certificate);
    expect(read.ca).toBe(true);
    expect(read.publicKey.equals(publicKey)).toBe(true);
    expect(read.validTo).toContain('2055');
  });

  it('reads private tags of four letters', () => {
    const node = parseDer(Buffer.from('ff84ea859c42020500', 'hex'));
    expect(node).toMatchObject({ tagClass: 'private', constructed: true, tagNumber: 0x4d414e42 });
  });

  it.each(['', '30', '3001', '3080', '3085010000000001', '0500ff', '1fffffffffffff0100'])(
    'refuses %s',
    (hex) => {
      expect(() => parseDer(Buffer.from(hex, 'hex'))).toThrow(
        expect.objectContaining({ code: 'der.malformed' }),
      );
    },
  );

  it('refuses nesting that is too deep and parts without end', () => {
    let deep: Uint8Array = derNull();
    for (let level = 0; level < 100; level++) deep = derSequence(deep);
    expect(() => parseDer(deep)).toThrow(expect.objectContaining({ code: 'der.too-deep' }));
    const many = derSequence(new Uint8Array(Buffer.alloc(500_000, Buffer.from('0500', 'hex'))));
    expect(() => parseDer(many)).toThrow(expect.objectContaining({ code: 'der.too-many-values' }));
  });

  it('reads back texts, bytes and booleans', () => {
    expect(derUtf8StringOf(parseDer(derUtf8String('\ufeffÄpfel')))).toBe('\ufeffÄpfel');
    expect(derOctetStringOf(parseDer(derOctetString(Uint8Array.of(1, 2))))).toEqual(Uint8Array.of(1, 2));
    for (const value of [true, false]) expect(derBooleanOf(parseDer(derBoolean(value)))).toBe(value);
    for (const wrong of ['0c01ff', '0401ff', '0100', '01020101', '0500']) {
      const node = parseDer(Buffer.from(wrong, 'hex'));
      if (wrong !== '0401ff') expect(() => derOctetStringOf(node)).toThrow(KnownError);
      expect(() => derUtf8StringOf(node)).toThrow(KnownError);
      expect(() => derBooleanOf(node)).toThrow(KnownError);
    }
  });

  it.each([
    ['20240503080001Z', '2024-05-03T08:00:01.000Z'],
    ['20240503080001.5Z', '2024-05-03T08:00:01.500Z'],
    ['20240503080001.123456Z', '2024-05-03T08:00:01.123Z'],
    ['00010101000000Z', '0001-01-01T00:00:00.000Z'],
    ['20240229000000Z', '2024-02-29T00:00:00.000Z'],
    ['20230229000000Z', undefined],
    ['20241303080001Z', undefined],
    ['20240503080001', undefined],
    ['20240503080001+0100', undefined],
    ['240503080001Z', undefined],
    ['', undefined],
  ])('reads the time %j as %s', (text, expected) => {
    const node = parseDer(Buffer.from([24, text.length, ...Buffer.from(text)]));
    if (expected === undefined) expect(() => derGeneralizedTimeOf(node)).toThrow(KnownError);
    else expect(derGeneralizedTimeOf(node)).toEqual(new Date(expected));
  });

  it('says so when a part is of another kind', () => {
    expect(() => derIntegerOf(parseDer(derNull()))).toThrow(
      expect.objectContaining({ code: 'der.not-expected' }),
    );
    expect(() => derOidOf(parseDer(Buffer.from('0600', 'hex')))).toThrow(KnownError);
    expect(() => derIntegerOf(parseDer(Buffer.from('0200', 'hex')))).toThrow(KnownError);
  });

  it('answers random bytes with a node or a KnownError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expectValueOrError(() => parseDer(bytes));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('answers random content of any kind with a value or a KnownError', () => {
    const readers = [
      derBitStringOf,
      derBooleanOf,
      derGeneralizedTimeOf,
      derIntegerOf,
      derOctetStringOf,
      derOidOf,
      derUtf8StringOf,
    ];
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 30 }), (tag, content) => {
        const bytes = Uint8Array.of(tag, content.length, ...content);
        for (const read of readers) expectValueOrError(() => read(parseDer(bytes)));
        for (const read of readers)
          expectValueOrError(() => read({ ...parseDer(derNull()), tagNumber: tag, content }));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

function expectValueOrError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(KnownError);
  }
}
