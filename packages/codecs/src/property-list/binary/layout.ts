/**
 * A binary property list: eight bytes of magic, the objects in any order, the offset of each object,
 * and a trailer. All numbers are big-endian.
 *
 * Source: Apple CF-Lite, `CFBinaryPList.c` (as described in its comments); checked against Python `plistlib`.
 */
export const MAGIC = new TextEncoder().encode('bplist00');

/** 5 unused, sort version, offset size, reference size, then u64: objects, top object, offset table. */
export const TRAILER_BYTES = 32;

/** High half of the byte in front of each object; the low half is a size or count. */
export const MARKER = {
  simple: 0x0,
  integer: 0x1,
  real: 0x2,
  date: 0x3,
  data: 0x4,
  ascii: 0x5,
  utf16: 0x6,
  utf8: 0x7,
  uid: 0x8,
  array: 0xa,
  dict: 0xd,
} as const;

export const FALSE_BYTE = 0x08;
export const TRUE_BYTE = 0x09;

/** In the low half: the count did not fit and follows as an integer object. */
export const COUNT_FOLLOWS = 0xf;

/** 2001-01-01T00:00:00Z in Unix seconds, the zero of dates. */
export const EPOCH_2001_SECONDS = 978_307_200;
