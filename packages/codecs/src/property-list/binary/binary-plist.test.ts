import { KnownError } from '@rootcellar/core';
import { describe, expect, it } from 'vitest';
import { PlistReal, PlistUid, type PlistValue } from '../value.ts';
import { encodeBinaryPlist } from './encode-binary-plist.ts';
import { openBinaryPlist, parseBinaryPlist } from './parse-binary-plist.ts';

/**
 * Bodies of DeviceLink messages, made by hand with generic tools; the first has the length that a
 * phone's trace shows.
 */
const VECTORS: Readonly<Record<string, readonly [value: PlistValue, hex: string]>> = {
  'version exchange': [
    ['DLMessageVersionExchange', 400, 0],
    `62706c6973743030 a3010203 5f1018 444c4d65737361676556657273696f6e45786368616e6765
     110190 1000 08 0c 27 2a 000000000000 01 01 0000000000000004 0000000000000000 000000000000002c`,
  ],
  'versions ok': [
    ['DLMessageVersionExchange', 'DLVersionsOk', 400],
    `62706c6973743030 a3010203 5f1018 444c4d65737361676556657273696f6e45786368616e6765
     5c 444c56657273696f6e734f6b 110190 08 0c 27 34 000000000000 01 01 0000000000000004 0000000000000000
     0000000000000037`,
  ],
  'device ready': [
    ['DLMessageDeviceReady'],
    `62706c6973743030 a101 5f1014 444c4d6573736167654465766963655265616479
     08 0a 000000000000 01 01 0000000000000002 0000000000000000 0000000000000021`,
  ],
  'status 0': [
    ['DLMessageStatusResponse', 0, '___EmptyParameterString___', {}],
    `62706c6973743030 a401020304 5f1017 444c4d657373616765537461747573526573706f6e7365
     1000 5f101a 5f5f5f456d707479506172616d65746572537472696e675f5f5f d0
     080d272946 000000000000 01 01 0000000000000005 0000000000000000 0000000000000047`,
  ],
  hello: [
    [
      'DLMessageProcessMessage',
      {
        MessageName: 'Hello',
        SupportedProtocolVersions: [new PlistReal(2), new PlistReal(2.1)],
      },
    ],
    `62706c6973743030 a20102 5f1017 444c4d65737361676550726f636573734d657373616765
     d203040506 5b 4d6573736167654e616d65 5f1019 537570706f7274656450726f746f636f6c56657273696f6e73
     55 48656c6c6f a20708 234000000000000000 234000cccccccccccd
     080b252a3652585b64 000000000000 01 01 0000000000000009 0000000000000000 000000000000006d`,
  ],
};

describe('encodeBinaryPlist', () => {
  for (const [name, [value, hex]] of Object.entries(VECTORS)) {
    it(`writes the message "${name}" byte for byte`, () => {
      expect(Buffer.from(encodeBinaryPlist(value)).toString('hex')).toBe(hex.replace(/\s/g, ''));
    });
  }

  it.each([
    [0, '1000'],
    [255, '10ff'],
    [256, '110100'],
    [65535, '11ffff'],
    [65536, '1200010000'],
    [4294967295, '12ffffffff'],
    [4294967296, '130000000100000000'],
    [-1, '13ffffffffffffffff'],
    [-13, '13fffffffffffffff3'],
    [2n ** 63n - 1n, '137fffffffffffffff'],
    [-(2n ** 63n), '138000000000000000'],
    [2n ** 63n, '1400000000000000008000000000000000'],
    [2n ** 64n - 1n, '140000000000000000ffffffffffffffff'],
    [-(2n ** 63n) - 1n, '14ffffffffffffffff7fffffffffffffff'],
  ])('writes the integer %s in its smallest form', (value, hex) => {
    expect(firstObjectOf(encodeBinaryPlist(value))).toBe(hex);
  });

  it('refuses an integer of more than 128 bits', () => {
    expect(() => encodeBinaryPlist(2n ** 127n)).toThrow(
      expect.objectContaining({ code: 'plist.integer-too-large' }),
    );
  });

  it('writes a number that is not an integer as a real', () => {
    expect(firstObjectOf(encodeBinaryPlist(0.5))).toBe('233fe0000000000000');
  });

  it('shares equal scalars and keeps 2 and 2.0 apart', () => {
    const list = ['a', 'a', 2, new PlistReal(2), 2, new PlistReal(2), true, true];
    expect(objectCountOf(encodeBinaryPlist(list))).toBe(1 + 4);
  });

  it('leaves out undefined entries', () => {
    expect(parseBinaryPlist(encodeBinaryPlist({ a: 1, b: undefined }))).toEqual(dict({ a: 1 }));
  });

  it('refuses a value that contains itself', () => {
    const loop: PlistValue[] = [];
    loop.push(loop);
    expect(() => encodeBinaryPlist(loop)).toThrow(expect.objectContaining({ code: 'plist.too-deep' }));
  });

  it('takes larger references when there are more than 255 and more than 65,535 objects', () => {
    for (const count of [300, 70_000]) {
      const list = Array.from({ length: count }, (_, index) => index);
      expect(parseBinaryPlist(encodeBinaryPlist(list))).toEqual(list);
    }
  });
});

describe('parseBinaryPlist', () => {
  it('answers a list cut short at every byte with a KnownError', () => {
    const whole = encodeBinaryPlist({ name: 'Boskoop', sizes: [1, 2, 300], when: new Date(0) });
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseBinaryPlist(whole.subarray(0, length))).toThrow(KnownError);
    }
  });

  it('reads an unsigned 64-bit −6 as the 128-bit integer it is', () => {
    const list = listOf(['140000000000000000fffffffffffffffa']);
    expect(parseBinaryPlist(list)).toBe(2n ** 64n - 6n);
  });

  it('reads a real of four bytes and an integer of sixteen', () => {
    expect(parseBinaryPlist(listOf(['223fc00000']))).toEqual(new PlistReal(1.5));
    expect(parseBinaryPlist(listOf(['14ffffffffffffffffffffffffffffffff']))).toBe(-1);
  });

  it('reads a UID of one to eight bytes', () => {
    expect(parseBinaryPlist(listOf(['8007']))).toEqual(new PlistUid(7));
    expect(parseBinaryPlist(listOf(['870000000000000007']))).toEqual(new PlistUid(7));
  });

  it('reads UTF-8 behind the ASCII marker', () => {
    expect(parseBinaryPlist(listOf(['52c3b6']))).toBe('ö');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads references and offsets of %i bytes', (sizeBytes) => {
    const ref = (value: number) => value.toString(16).padStart(sizeBytes * 2, '0');
    const list = listOf([`d1${ref(1)}${ref(2)}`, '516b', '1007'], {
      refBytes: sizeBytes,
      offsetBytes: sizeBytes,
    });
    expect(parseBinaryPlist(list)).toEqual(dict({ k: 7 }));
  });

  it('keeps a key named __proto__ as a key like any other', () => {
    const bytes = listOf(['d10102', '595f5f70726f746f5f5f', 'd10103', '09']);
    const value = parseBinaryPlist(bytes) as Record<string, PlistValue>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  it('refuses a list that contains itself', () => {
    expect(() => parseBinaryPlist(listOf(['a100']))).toThrow(
      expect.objectContaining({ code: 'plist.too-deep' }),
    );
    expect(() => parseBinaryPlist(listOf(['d10100', '516b']))).toThrow(
      expect.objectContaining({ code: 'plist.too-deep' }),
    );
  });

  it('refuses a small list that unfolds to billions of values', () => {
    const levels = Array.from({ length: 100 }, (_, index) => {
      const next = (index + 1).toString(16).padStart(2, '0');
      return `a2${next}${next}`;
    });
    expect(() => parseBinaryPlist(listOf([...levels, '09']), { valuesMax: 100_000 })).toThrow(
      expect.objectContaining({ code: 'plist.too-many-values' }),
    );
  });

  it('refuses texts that unfold beyond the limit', () => {
    const long = `5f11ffff${'61'.repeat(65_535)}`;
    const refs = Array.from({ length: 200 }, () => '01').join('');
    const shared = listOf([`af10c8${refs}`, long]);
    expect(parseBinaryPlist(shared, { textBytesMax: 65_535 })).toHaveLength(200);
    expect(() => parseBinaryPlist(shared, { textBytesMax: 65_534 })).toThrow(
      expect.objectContaining({ code: 'plist.too-much-text' }),
    );
  });

  it.each([
    ['a count beyond the end', ['af13000fffffffffffff']],
    ['a count that is no integer', ['af233ff0000000000000']],
    ['a reference to no object', ['a107']],
    ['a key that is no text', ['d10101', '09']],
    ['null', ['00']],
    ['a set', ['c101', '09']],
    ['an integer of 32 bytes', [`15${'00'.repeat(32)}`]],
    ['a date that is not a number', ['337ff8000000000000']],
  ])('refuses %s', (_, objects) => {
    expect(() => parseBinaryPlist(listOf(objects))).toThrow(
      expect.objectContaining({ code: 'plist.binary-malformed' }),
    );
  });

  it('names a newer kind of list as such', () => {
    expect(() => parseBinaryPlist(Buffer.from('bplist15 whatever'))).toThrow(
      expect.objectContaining({ code: 'plist.version-unsupported' }),
    );
  });

  it('parses 60,000 dictionaries while touching each shared key once', () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => ({
      name: `file-${index}`,
      size: index,
      kind: 1,
    }));
    const bytes = encodeBinaryPlist(rows);
    // Each row costs itself, its name and its size; keys and the kind are shared.
    expect(objectCountOf(bytes)).toBe(1 + 3 + 60_000 * 3);
    expect(parseBinaryPlist(bytes, { textBytesMax: 3 * 4 + 60_000 * 10 })).toHaveLength(60_000);
  });
});

describe('openBinaryPlist', () => {
  it('walks arrays and dictionaries without reading their values', () => {
    const list = openBinaryPlist(encodeBinaryPlist(['move', { a: 'b', c: ['d'] }]));
    const [name, moves] = [...list.arrayItems(list.root)] as [number, number];
    expect(list.value(name)).toBe('move');
    const pairs = [...list.dictPairs(moves)];
    expect(pairs.map(([key, ref]) => [key, list.kindOf(ref)])).toEqual([
      ['a', 'string'],
      ['c', 'array'],
    ]);
    expect(list.value(pairs[1]?.[1] as number)).toEqual(['d']);
  });

  it('gives nothing for the items of a dictionary and the pairs of an array', () => {
    const list = openBinaryPlist(encodeBinaryPlist([1]));
    expect([...list.dictPairs(list.root)]).toEqual([]);
    const other = openBinaryPlist(encodeBinaryPlist({ a: 1 }));
    expect([...other.arrayItems(other.root)]).toEqual([]);
  });

  it('tells the kind of everything', () => {
    const values: PlistValue[] = ['', 1, true, new Date(0), new Uint8Array(1), 0.5, new PlistUid(1), [], {}];
    const list = openBinaryPlist(encodeBinaryPlist(values));
    expect([...list.arrayItems(list.root)].map((ref) => list.kindOf(ref))).toEqual([
      'string',
      'integer',
      'boolean',
      'date',
      'data',
      'real',
      'uid',
      'array',
      'dict',
    ]);
  });
});

function dict(entries: Record<string, PlistValue>): PlistValue {
  return Object.assign(Object.create(null), entries);
}

function firstObjectOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(8, -33)).toString('hex');
}

function objectCountOf(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 24).getBigUint64(0));
}

/** A list of the given objects, in hex, the first on top. */
function listOf(objects: readonly string[], sizes = { refBytes: 1, offsetBytes: 2 }): Uint8Array {
  const parts = [Buffer.from('bplist00')];
  const table: Buffer[] = [];
  let offset = 8;
  for (const object of objects) {
    const bytes = Buffer.from(object, 'hex');
    parts.push(bytes);
    table.push(Buffer.from(offset.toString(16).padStart(sizes.offsetBytes * 2, '0'), 'hex'));
    offset += bytes.length;
  }
  const trailer = Buffer.alloc(32);
  trailer[6] = sizes.offsetBytes;
  trailer[7] = sizes.refBytes;
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(offset), 24);
  return new Uint8Array(Buffer.concat([...parts, ...table, trailer]));
}
