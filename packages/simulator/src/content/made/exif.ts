import { SHAPES, type Shape } from './scenes.ts';

/** What a camera writes into a photo besides the picture. */
export interface ShotFacts {
  readonly shape: Shape;
  /** Unix seconds, UTC. */
  readonly takenAt: number;
  /** 1 upright, 3 upside down, 6 and 8 on its sides. */
  readonly orientation: number;
  readonly iso: number;
  /** 60 is a sixtieth of a second. */
  readonly exposureDivider: number;
  /** Degrees; northern and eastern only. */
  readonly place?: { readonly latitude: number; readonly longitude: number } | undefined;
}

/** Types of the fields. Source: TIFF 6.0, section 2. */
type Field =
  | { readonly tag: number; readonly kind: 'ascii'; readonly text: string }
  | { readonly tag: number; readonly kind: 'short' | 'long'; readonly value: number }
  | {
      readonly tag: number;
      readonly kind: 'rational';
      readonly values: readonly (readonly [number, number])[];
    }
  | { readonly tag: number; readonly kind: 'undefined'; readonly bytes: Uint8Array };

const TYPE = { ascii: 2, short: 3, long: 4, rational: 5, undefined: 7 } as const;

/** Before the first directory: byte order, 42, offset 8. */
const TIFF_HEADER = Buffer.from('4d4d002a00000008', 'hex');

/**
 * The APP1 segment with the facts of one shot.
 * Source: Exif 2.32 (tags and directories), TIFF 6.0 (layout), big-endian as from iPhones.
 */
export function encodeExif(facts: ShotFacts): Uint8Array {
  const { width, height } = SHAPES[facts.shape];
  const date = exifDate(facts.takenAt);
  const main = (camera: number, place: number): readonly Field[] => [
    { tag: 0x010f, kind: 'ascii', text: 'Example' },
    { tag: 0x0110, kind: 'ascii', text: 'Pocket Camera 15' },
    { tag: 0x0112, kind: 'short', value: facts.orientation },
    { tag: 0x0132, kind: 'ascii', text: date },
    { tag: 0x8769, kind: 'long', value: camera },
    ...(facts.place === undefined ? [] : [{ tag: 0x8825, kind: 'long', value: place } as const]),
  ];
  const camera: readonly Field[] = [
    { tag: 0x829a, kind: 'rational', values: [[1, facts.exposureDivider]] },
    { tag: 0x829d, kind: 'rational', values: [[178, 100]] },
    { tag: 0x8827, kind: 'short', value: facts.iso },
    { tag: 0x9000, kind: 'undefined', bytes: Buffer.from('0232') },
    { tag: 0x9003, kind: 'ascii', text: date },
    { tag: 0x9011, kind: 'ascii', text: '+00:00' },
    { tag: 0xa002, kind: 'long', value: width },
    { tag: 0xa003, kind: 'long', value: height },
  ];
  const cameraAt = TIFF_HEADER.length + directory(main(0, 0), 0).length;
  const placeAt = cameraAt + directory(camera, 0).length;
  const tiff = Buffer.concat([
    TIFF_HEADER,
    directory(main(cameraAt, placeAt), TIFF_HEADER.length),
    directory(camera, cameraAt),
    facts.place === undefined ? Buffer.alloc(0) : directory(placeFields(facts.place), placeAt),
  ]);
  const head = Buffer.from('ffe100004578696600000000', 'hex').subarray(0, 10);
  head.writeUInt16BE(8 + tiff.length, 2);
  return Buffer.concat([head, tiff]);
}

/** `2026:05:03 10:00:00` */
export function exifDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
}

function placeFields(place: { readonly latitude: number; readonly longitude: number }): readonly Field[] {
  return [
    { tag: 1, kind: 'ascii', text: 'N' },
    { tag: 2, kind: 'rational', values: degrees(place.latitude) },
    { tag: 3, kind: 'ascii', text: 'E' },
    { tag: 4, kind: 'rational', values: degrees(place.longitude) },
  ];
}

/** Degrees, minutes, seconds with two decimals. */
function degrees(value: number): readonly (readonly [number, number])[] {
  const hundredths = Math.round(value * 360_000);
  return [
    [Math.floor(hundredths / 360_000), 1],
    [Math.floor(hundredths / 6000) % 60, 1],
    [hundredths % 6000, 100],
  ];
}

/** One directory at offset `at`, its larger values behind it, and no next one. */
function directory(fields: readonly Field[], at: number): Buffer {
  const table = Buffer.alloc(2 + fields.length * 12 + 4);
  table.writeUInt16BE(fields.length, 0);
  const values: Buffer[] = [];
  let valueAt = at + table.length;
  fields.forEach((field, index) => {
    const entry = 2 + index * 12;
    const value = encodeValue(field);
    table.writeUInt16BE(field.tag, entry);
    table.writeUInt16BE(TYPE[field.kind], entry + 2);
    table.writeUInt32BE(countOf(field), entry + 4);
    if (value.length <= 4) {
      table.set(value, entry + 8);
      return;
    }
    table.writeUInt32BE(valueAt, entry + 8);
    const even = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
    values.push(even);
    valueAt += even.length;
  });
  return Buffer.concat([table, ...values]);
}

function countOf(field: Field): number {
  if (field.kind === 'ascii') return field.text.length + 1;
  if (field.kind === 'rational') return field.values.length;
  return field.kind === 'undefined' ? field.bytes.length : 1;
}

function encodeValue(field: Field): Buffer {
  switch (field.kind) {
    case 'ascii':
      return Buffer.from(`${field.text}\0`, 'latin1');
    case 'undefined':
      return Buffer.from(field.bytes);
    case 'short':
      return Buffer.from([field.value >> 8, field.value & 0xff]);
    case 'long': {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(field.value);
      return bytes;
    }
    case 'rational': {
      const bytes = Buffer.alloc(field.values.length * 8);
      field.values.flat().forEach((value, index) => {
        bytes.writeUInt32BE(value, index * 4);
      });
      return bytes;
    }
  }
}
