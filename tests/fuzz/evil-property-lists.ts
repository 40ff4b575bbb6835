import { PlistReal, type PlistValue } from '@rootcellar/codecs';
import type { Random } from '@rootcellar/core';

const LATIN1 = 'latin1';

/** Property lists that cost more than they weigh, contradict themselves, or never end. */
export const EVIL_PROPERTY_LISTS: readonly Uint8Array[] = [
  Buffer.alloc(0),
  Buffer.from('bplist00'),
  Buffer.from('<?xml version="1.0"?><plist version="1.0">'),
  ...[513, 20_000].flatMap((depth) => [deepXml(depth, true), deepXml(depth, false), deepBinary(depth)]),
  nestedEntities(),
  selfContaining(),
  hugeCount(0xaf),
  hugeCount(0xdf),
  hugeCount(0x5f),
  hugeCount(0x4f),
  unfolding(5),
];

/** Values that are none of what a reader may expect in their place. */
export function evilValue(random: Random): PlistValue {
  return random.pick(EVIL_VALUES);
}

const EVIL_VALUES: readonly PlistValue[] = [
  '',
  'x'.repeat(5000),
  '../../../../tmp/outside',
  '/tmp/outside',
  'U/../../outside',
  'U\\..\\outside',
  'U/\0',
  'C:\\outside',
  '__proto__',
  'constructor',
  'DLMessageUploadFiles',
  'DLMessageDownloadFiles',
  'DLMessageRemoveItems',
  'DLMessagePing',
  'DLMessageDisconnect',
  0,
  -1,
  1,
  -6,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  2n ** 64n - 1n,
  -(2n ** 63n),
  2n ** 100n,
  new PlistReal(Number.NaN),
  new PlistReal(Number.POSITIVE_INFINITY),
  new PlistReal(-1),
  new PlistReal(1e300),
  true,
  false,
  new Date(0),
  new Date('9999-12-31T23:59:59Z'),
  new Uint8Array(),
  new Uint8Array(5000),
  [],
  {},
  [[[[[]]]]],
  Object.fromEntries([['__proto__', { ErrorCode: 0 }]]),
  Array.from({ length: 2000 }, (_, index) => index),
];

function deepXml(depth: number, closed: boolean): Uint8Array {
  const end = closed ? `${'</array>'.repeat(depth)}</plist>` : '';
  return Buffer.from(`<plist version="1.0">${'<array>'.repeat(depth)}${end}`);
}

/** Entities of entities; nobody may unfold them. */
function nestedEntities(): Uint8Array {
  const entities = Array.from({ length: 12 }, (_, level) => {
    const inner = level === 0 ? 'ha' : `&e${level - 1};`.repeat(10);
    return `<!ENTITY e${level} "${inner}">`;
  });
  return Buffer.from(`<!DOCTYPE plist [${entities.join('')}]><plist><string>&e11;</string></plist>`);
}

/** Each array holds nothing but the next. */
function deepBinary(depth: number): Uint8Array {
  return binary(
    Array.from({ length: depth }, (_, index) =>
      index === depth - 1 ? Uint8Array.of(0xa0) : Uint8Array.of(0xa1, (index + 1) >> 8, (index + 1) & 0xff),
    ),
  );
}

function selfContaining(): Uint8Array {
  return binary([Uint8Array.of(0xa2, 0, 0, 0, 0)]);
}

/** Each level refers ten times to the next: ten to the power of `levels` values. */
function unfolding(levels: number): Uint8Array {
  const level = (index: number): Uint8Array => {
    const references = Array.from({ length: 10 }, () => [0, index + 1]).flat();
    return Uint8Array.of(0xaa, ...references);
  };
  return binary([...Array.from({ length: levels }, (_, index) => level(index)), Uint8Array.of(0x10, 7)]);
}

/** @param marker of a kind of object whose count follows as an integer: here 2^40 */
function hugeCount(marker: number): Uint8Array {
  return binary([Uint8Array.of(marker, 0x13, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)]);
}

/** With references and offsets of two and four bytes; the first object is the root. */
function binary(objects: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.from('bplist00', LATIN1);
  const offsets = Buffer.alloc(4 * objects.length);
  let at = header.length;
  objects.forEach((object, index) => {
    offsets.writeUInt32BE(at, 4 * index);
    at += object.length;
  });
  const trailer = Buffer.alloc(32);
  trailer[6] = 4;
  trailer[7] = 2;
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(at), 24);
  return Buffer.concat([header, ...objects, offsets, trailer]);
}
