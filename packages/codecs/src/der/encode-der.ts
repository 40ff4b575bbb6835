/*
 * Builders for DER, enough to write X.509 certificates by hand. Each returns one whole element.
 *
 * Source: ITU-T X.690 (DER), RFC 5280 §4.1.2.5 (dates).
 *
 * @example
 * const algorithm = derSequence(derOid('1.2.840.113549.1.1.11'), derNull());
 */

export const DER_TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  utf8String: 12,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
} as const;

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;
const LOW_TAG_MAX = 30;

/** RFC 5280: UTCTime up to 2049, GeneralizedTime after. Two digits cannot say which century before 1950. */
const UTC_YEAR_MIN = 1950;
const UTC_YEAR_MAX = 2049;

export function derSequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(DER_TAG.sequence | CONSTRUCTED, concat(items));
}

/** The members in ascending order of their bytes, as DER wants them. */
export function derSet(...members: readonly Uint8Array[]): Uint8Array {
  return element(DER_TAG.set | CONSTRUCTED, concat([...members].sort(Buffer.compare)));
}

export function derInteger(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  const first = bytes[0] as number;
  if (rest === 0n && first >= 0x80) bytes.unshift(0);
  if (rest === -1n && first < 0x80) bytes.unshift(0xff);
  return element(DER_TAG.integer, Uint8Array.from(bytes));
}

/** @param dotted for example `2.5.29.19` */
export function derOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.\d+)+$/.test(dotted)) throw new TypeError('An object identifier is numbers with dots');
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  return element(DER_TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** @param unusedBits of the last byte */
export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return element(DER_TAG.bitString, concat([Uint8Array.of(unusedBits), bytes]));
}

export function derOctetString(bytes: Uint8Array): Uint8Array {
  return element(DER_TAG.octetString, bytes);
}

export function derBoolean(value: boolean): Uint8Array {
  return element(DER_TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function derNull(): Uint8Array {
  return element(DER_TAG.null, new Uint8Array(0));
}

export function derUtf8String(text: string): Uint8Array {
  return element(DER_TAG.utf8String, new TextEncoder().encode(text));
}

/** Whole seconds of UTC, in the form that certificates use for that year. */
export function derUtcOrGeneralizedTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new TypeError('A certificate holds the years 0 to 9999');
  if (year < UTC_YEAR_MIN || year > UTC_YEAR_MAX) return derGeneralizedTime(date);
  return element(DER_TAG.utcTime, new TextEncoder().encode(`${secondsOf(date).slice(2)}Z`));
}

/** Whole seconds of UTC, with four digits for the year. */
export function derGeneralizedTime(date: Date): Uint8Array {
  return element(DER_TAG.generalizedTime, new TextEncoder().encode(`${secondsOf(date)}Z`));
}

function secondsOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace(/[-:T]/g, '');
}

/** `[tagNumber]` around whole elements (explicit tagging). */
export function derContext(tagNumber: number, ...content: readonly Uint8Array[]): Uint8Array {
  if (!(tagNumber >= 0 && tagNumber <= LOW_TAG_MAX)) throw new TypeError('Context tags go from 0 to 30');
  return element(CONTEXT | CONSTRUCTED | tagNumber, concat(content));
}

function element(identifier: number, content: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(identifier), lengthOf(content.length), content]);
}

function lengthOf(sizeBytes: number): Uint8Array {
  if (sizeBytes < 0x80) return Uint8Array.of(sizeBytes);
  const digits: number[] = [];
  for (let rest = sizeBytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

/** Seven bits to a byte, the highest first; all but the last have their top bit set. */
function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 | (rest % 128));
  }
  return digits;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
