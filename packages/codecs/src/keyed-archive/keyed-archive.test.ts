import { readFileSync } from 'node:fs';
import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBinaryPlist } from '../property-list/binary/encode-binary-plist.ts';
import { parsePropertyList } from '../property-list/parse-property-list.ts';
import { asArray, asDict } from '../property-list/typed-access.ts';
import { type PlistDict, PlistReal, PlistUid, type PlistValue } from '../property-list/value.ts';
import { encodeKeyedArchive } from './encode-keyed-archive.ts';
import { parseKeyedArchive } from './parse-keyed-archive.ts';
import { type KeyedObject, type KeyedValue, keyedMutableData } from './value.ts';

const FIXTURES = new URL('../../../../tests/fixtures/go-ios/', import.meta.url);

describe('parseKeyedArchive', () => {
  it.each(['arrays', 'dict', 'nestedarrays', 'onevalue', 'primitives'])(
    'reads %s equally from both encodings',
    (name) => {
      const value = parseKeyedArchive(fixture(`${name}.bin`));
      expect(value).toEqual(parseKeyedArchive(fixture(`${name}.xml`)));
      expect(value).not.toBeNull();
    },
  );

  it('reads what the fixtures hold', () => {
    expect(parseKeyedArchive(fixture('onevalue.bin'))).toBe(true);
    const arrays = parseKeyedArchive(fixture('arrays.bin')) as Map<string, KeyedValue>;
    expect(arrays.get('$2')).toEqual([true]);
    expect(arrays.get('$1')).toEqual([true, 'Hello, World!', 42]);
  });

  it('keeps objects of unknown classes with all their fields', () => {
    const uuid = parseKeyedArchive(fixture('nsuuid.bin')) as KeyedObject;
    expect(uuid.className).toBe('NSUUID');
    expect(uuid.fields['NS.uuidbytes']).toHaveLength(16);
    const configuration = parseKeyedArchive(fixture('xctestconfiguration.bin')) as KeyedObject;
    expect(configuration.classes).toEqual(['XCTestConfiguration', 'NSObject']);
  });

  it('reads dictionaries whose keys are numbers, and 64-bit values', () => {
    const byNumber = parseKeyedArchive(fixture('uint64-key-dictionary.bin')) as Map<KeyedValue, KeyedValue>;
    expect(byNumber.size).toBeGreaterThan(0);
    expect(parseKeyedArchive(fixture('int64-value-in-nskeyedarchive.bin'))).toBeInstanceOf(Map);
  });

  it.each([
    ['broken_plist', 'plist.xml-malformed'],
    ['missing_archiver', 'keyed-archive.not-an-archive'],
    ['missing_objects', 'keyed-archive.not-an-archive'],
    ['missing_top', 'keyed-archive.not-an-archive'],
    ['missing_version', 'keyed-archive.not-an-archive'],
    ['wrong_archiver', 'keyed-archive.not-an-archive'],
    ['wrong_version', 'keyed-archive.version-unsupported'],
  ])('refuses %s', (name, code) => {
    expect(() => parseKeyedArchive(fixture(`${name}.xml`))).toThrow(expect.objectContaining({ code }));
  });

  it('refuses an object that contains itself', () => {
    const loop = archive(['$null', { $class: new PlistUid(2), me: new PlistUid(1) }, classEntry('Loop')]);
    expect(() => parseKeyedArchive(loop)).toThrow(
      expect.objectContaining({ code: 'keyed-archive.contains-itself' }),
    );
  });

  it('refuses a reference to nothing, and an object without a class', () => {
    const missing = archive(['$null', { $class: new PlistUid(2), me: new PlistUid(9) }, classEntry('X')]);
    const classless = archive(['$null', { $class: new PlistUid(7) }]);
    for (const bytes of [missing, classless]) {
      expect(() => parseKeyedArchive(bytes)).toThrow(
        expect.objectContaining({ code: 'keyed-archive.malformed' }),
      );
    }
  });

  it('reads a chain of shared objects in linear time', () => {
    const objects: PlistValue[] = ['$null'];
    for (let index = 1; index <= 100; index++)
      objects.push([new PlistUid(index + 1), new PlistUid(index + 1)]);
    objects.push('end');
    expect(parseKeyedArchive(archive(objects))).toHaveLength(2);
  });

  it('refuses nesting that is too deep', () => {
    const objects: PlistValue[] = ['$null'];
    for (let index = 1; index <= 1000; index++) objects.push([new PlistUid(index + 1)]);
    objects.push('end');
    expect(() => parseKeyedArchive(archive(objects))).toThrow(
      expect.objectContaining({ code: 'keyed-archive.too-deep' }),
    );
  });

  it('answers damage with a value or a KnownError', () => {
    const whole = fixture('dict.bin');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, byte) => {
        const bytes = Uint8Array.from(whole);
        bytes[place] = byte;
        try {
          parseKeyedArchive(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KnownError);
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe('encodeKeyedArchive', () => {
  it('orders the objects of a file record as a device does', () => {
    const digest = new Uint8Array(20).fill(1);
    const key = new Uint8Array(44).fill(2);
    const attributes = new Uint8Array(50).fill(3);
    const record: KeyedObject = {
      className: 'MBFile',
      classes: ['MBFile', 'NSObject'],
      fields: {
        RelativePath: 'Library/x',
        Digest: digest,
        EncryptionKey: keyedMutableData(key),
        Mode: 33188,
        Size: 12,
        ExtendedAttributes: attributes,
        Flags: 0,
      },
    };
    const bytes = encodeKeyedArchive(record);
    expect(asArray(asDict(parsePropertyList(bytes))?.['$objects'])).toEqual([
      '$null',
      plainDict({
        RelativePath: new PlistUid(2),
        Digest: new PlistUid(3),
        EncryptionKey: new PlistUid(4),
        Mode: 33188,
        Size: 12,
        ExtendedAttributes: new PlistUid(6),
        Flags: 0,
        $class: new PlistUid(7),
      }),
      'Library/x',
      digest,
      plainDict({ 'NS.data': key, $class: new PlistUid(5) }),
      plainDict({ $classname: 'NSMutableData', $classes: ['NSMutableData', 'NSData', 'NSObject'] }),
      attributes,
      plainDict({ $classname: 'MBFile', $classes: ['MBFile', 'NSObject'] }),
    ]);
    const read = parseKeyedArchive(bytes) as KeyedObject;
    expect(read.fields['EncryptionKey']).toEqual(key);
    expect(read).toEqual({ ...record, fields: plainDict({ ...record.fields, EncryptionKey: key } as never) });
  });

  it('gives back every value that was encoded', () => {
    const { tree } = fc.letrec<{ tree: KeyedValue }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.uint8Array(), fc.constant(null)),
        fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
        fc.double().map((value) => new PlistReal(value)),
        fc.array(tie('tree'), { maxLength: 5 }),
        fc.array(fc.tuple(fc.string(), tie('tree')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 5 }).map(
          (fields): KeyedObject => ({
            className: 'Apple',
            classes: ['Apple', 'Fruit'],
            fields: withoutClass(fields),
          }),
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(parseKeyedArchive(encodeKeyedArchive(value))).toEqual(value);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('refuses a value that contains itself', () => {
    const loop: KeyedValue[] = [];
    loop.push(loop);
    expect(() => encodeKeyedArchive(loop)).toThrow(
      expect.objectContaining({ code: 'keyed-archive.contains-itself' }),
    );
  });
});

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(name, FIXTURES));
}

function archive(objects: readonly PlistValue[]): Uint8Array {
  const top = { root: new PlistUid(1) };
  return encodeBinaryPlist({ $version: 100_000, $archiver: 'NSKeyedArchiver', $top: top, $objects: objects });
}

function classEntry(name: string): PlistDict {
  return { $classname: name, $classes: [name, 'NSObject'] };
}

function plainDict(entries: PlistDict): PlistDict {
  return Object.assign(Object.create(null), entries);
}

function withoutClass(fields: Record<string, KeyedValue>): Record<string, KeyedValue> {
  const kept: Record<string, KeyedValue> = Object.create(null);
  for (const key of Object.keys(fields)) if (key !== '$class') kept[key] = fields[key] as KeyedValue;
  return kept;
}
