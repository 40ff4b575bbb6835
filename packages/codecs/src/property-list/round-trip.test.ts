import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBinaryPlist } from './binary/encode-binary-plist.ts';
import { parsePropertyList } from './parse-property-list.ts';
import { PlistReal, PlistUid, type PlistValue } from './value.ts';
import { encodeXmlPlist } from './xml/encode-xml-plist.ts';

describe('binary property lists', () => {
  const values = plistValues('any text, any date');

  it('give back every value that was encoded', () => {
    const roundTrip = fc.property(values, (value) => {
      expect(parsePropertyList(encodeBinaryPlist(value))).toEqual(value);
    });
    fc.assert(roundTrip, { seed: 1, numRuns: 500 });
  });

  it('answer random bytes with a value or a KnownError', () => {
    const random = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expectValueOrKnownError(Buffer.concat([Buffer.from('bplist00'), bytes]));
    });
    fc.assert(random, { seed: 1, numRuns: 2000 });
  });

  it('answer damage with a value or a KnownError', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    const damage = fc.property(values, changes, (value, places) => {
      const bytes = encodeBinaryPlist(value);
      for (const [place, byte] of places) bytes[8 + (place % (bytes.length - 8))] = byte;
      expectValueOrKnownError(bytes);
    });
    fc.assert(damage, { seed: 1, numRuns: 3000 });
  });
});

describe('XML property lists', () => {
  const values = plistValues('XML text, whole seconds');

  it('give back every value that was encoded', () => {
    const roundTrip = fc.property(values, (value) => {
      expect(parsePropertyList(encodeXmlPlist(value))).toEqual(value);
    });
    fc.assert(roundTrip, { seed: 1, numRuns: 500 });
  });

  it('answer random bytes with a KnownError', () => {
    const random = fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => parsePropertyList(bytes)).toThrow(KnownError);
    });
    fc.assert(random, { seed: 1, numRuns: 500 });
  });

  it('answer damage with a value or a KnownError', () => {
    const pieces = ['', '<', '>', '&', ']]>', '<![CDATA[', '<!--', '</dict>', '<key>', '\u0000', '"', '['];
    const damage = fc.property(
      fc.tuple(values, fc.nat(), fc.nat(20), fc.constantFrom(...pieces)),
      ([value, place, removed, inserted]) => {
        const text = Buffer.from(encodeXmlPlist(value)).toString();
        const at = place % text.length;
        expectValueOrKnownError(Buffer.from(text.slice(0, at) + inserted + text.slice(at + removed)));
      },
    );
    fc.assert(damage, { seed: 1, numRuns: 2000 });
  });
});

function expectValueOrKnownError(bytes: Uint8Array): void {
  try {
    parsePropertyList(bytes, { valuesMax: 100_000 });
  } catch (error) {
    expect(error).toBeInstanceOf(KnownError);
  }
}

/** Values of every kind, nested; dictionaries without prototype, as the parsers make them. */
function plistValues(range: 'any text, any date' | 'XML text, whole seconds'): fc.Arbitrary<PlistValue> {
  const xml = range === 'XML text, whole seconds';
  const text = xml ? fc.string({ unit: 'grapheme' }).filter((value) => !NOT_XML.test(value)) : anyText();
  const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const date = xml ? dates.map((value) => new Date(Math.floor(value.getTime() / 1000) * 1000)) : dates;
  const { tree } = fc.letrec<{ tree: PlistValue }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(text, integers(), fc.boolean(), date, fc.uint8Array(), reals()),
      fc.nat(2 ** 32 - 1).map((value): PlistValue => new PlistUid(value)),
      fc.array(tie('tree'), { maxLength: 20 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 20, noNullPrototype: false }).map(withoutPrototype),
    ),
  }));
  return tree;
}

const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Half surrogates and control characters too, and often a name that JavaScript treats specially. */
function anyText(): fc.Arbitrary<string> {
  const units = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes));
  return fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    units,
    fc.constantFrom('__proto__', 'constructor'),
  );
}

function integers(): fc.Arbitrary<number | bigint> {
  const wide = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
  const inexact = wide.filter((value) => !Number.isSafeInteger(Number(value)));
  return fc.oneof(fc.integer(), fc.maxSafeInteger().map(positiveZero), inexact);
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}

function reals(): fc.Arbitrary<PlistReal> {
  return fc.oneof(fc.double(), fc.integer()).map((value) => new PlistReal(value));
}

function withoutPrototype(entries: Record<string, PlistValue>): PlistValue {
  const dict: Record<string, PlistValue> = Object.create(null);
  for (const key of Object.keys(entries)) dict[key] = entries[key] as PlistValue;
  return dict;
}
