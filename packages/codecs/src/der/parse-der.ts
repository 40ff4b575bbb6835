import { derError } from '../errors.ts';
import { DER_TAG } from './encode-der.ts';

export type DerClass = 'universal' | 'application' | 'context' | 'private';

/** One element of a DER structure. Bytes are views into the input. */
export interface DerNode {
  readonly tagClass: DerClass;
  /** See `DER_TAG` for the universal ones; Apple's images use private tags of four letters. */
  readonly tagNumber: number;
  readonly constructed: boolean;
  /** Without tag and length. */
  readonly content: Uint8Array;
  /** Of a constructed element, else empty. */
  readonly children: readonly DerNode[];
  /** The whole element, as signatures cover it. */
  readonly bytes: Uint8Array;
}

/** Certificates have about 10 levels, signed images about 15. */
const DEPTH_MAX = 64;

/** A signed manifest of a system image has a few thousand elements. */
const VALUES_MAX = 200_000;

/** Lengths up to 4 GiB. */
const LENGTH_DIGITS_MAX = 4;

/** Tags up to 35 bits: room for four letters. */
const TAG_DIGITS_MAX = 5;

const CLASSES = ['universal', 'application', 'context', 'private'] as const;

/**
 * Reads one DER element that fills the input, and everything inside.
 *
 * @throws `der.malformed`, `der.too-deep`, `der.too-many-values`
 */
export function parseDer(bytes: Uint8Array): DerNode {
  const reading = new DerReading(bytes);
  const node = reading.element(0, bytes.length, 0);
  if (node.bytes.length !== bytes.length) throw malformed('more after the end', node.bytes.length);
  return node;
}

class DerReading {
  readonly #bytes: Uint8Array;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  element(start: number, limit: number, depth: number): DerNode {
    if (depth > DEPTH_MAX) throw derError('too-deep', { depthMax: DEPTH_MAX });
    if (++this.#values > VALUES_MAX) throw derError('too-many-values', { valuesMax: VALUES_MAX });
    const first = this.#byteAt(start, limit);
    const constructed = (first & 0x20) !== 0;
    const tag = this.#tagNumber(start, limit);
    const length = this.#length(tag.next, limit);
    const end = length.next + length.value;
    if (end > limit) throw malformed('content cut short', start);
    return {
      tagClass: CLASSES[(first >> 6) as 0 | 1 | 2 | 3],
      tagNumber: tag.value,
      constructed,
      content: this.#bytes.subarray(length.next, end),
      children: constructed ? this.#children(length.next, end, depth + 1) : [],
      bytes: this.#bytes.subarray(start, end),
    };
  }

  #children(start: number, end: number, depth: number): readonly DerNode[] {
    const children: DerNode[] = [];
    for (let position = start; position < end; ) {
      const child = this.element(position, end, depth);
      children.push(child);
      position += child.bytes.length;
    }
    return children;
  }

  #tagNumber(start: number, limit: number): Place {
    const low = this.#byteAt(start, limit) & 0x1f;
    if (low !== 0x1f) return { value: low, next: start + 1 };
    let value = 0;
    for (let digits = 1; digits <= TAG_DIGITS_MAX; digits++) {
      const byte = this.#byteAt(start + digits, limit);
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return { value, next: start + digits + 1 };
    }
    throw malformed('tag too large', start);
  }

  #length(start: number, limit: number): Place {
    const first = this.#byteAt(start, limit);
    if (first < 0x80) return { value: first, next: start + 1 };
    const digits = first & 0x7f;
    if (digits === 0 || digits > LENGTH_DIGITS_MAX) throw malformed('length of unknown form', start);
    let value = 0;
    for (let index = 1; index <= digits; index++) value = value * 256 + this.#byteAt(start + index, limit);
    return { value, next: start + 1 + digits };
  }

  #byteAt(position: number, limit: number): number {
    if (position >= limit) throw malformed('cut short', position);
    return this.#bytes[position] as number;
  }
}

interface Place {
  readonly value: number;
  readonly next: number;
}

/** @throws `der.not-expected` if it is no INTEGER */
export function derIntegerOf(node: DerNode): bigint {
  requireTag(node, DER_TAG.integer, 'integer');
  if (node.content.length === 0) throw derError('not-expected', { expected: 'integer' });
  const unsigned = BigInt(`0x${Buffer.from(node.content).toString('hex')}`);
  return BigInt.asIntN(node.content.length * 8, unsigned);
}

/** Dotted numbers. @throws `der.not-expected` if it is no OBJECT IDENTIFIER */
export function derOidOf(node: DerNode): string {
  requireTag(node, DER_TAG.oid, 'object identifier');
  const numbers: number[] = [];
  let value = 0;
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw derError('not-expected', { expected: 'object identifier' });
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [joined, ...rest] = numbers;
  if (joined === undefined) throw derError('not-expected', { expected: 'object identifier' });
  const first = Math.min(2, Math.floor(joined / 40));
  return [first, joined - first * 40, ...rest].join('.');
}

/** The bytes without the count of unused bits. @throws `der.not-expected` if it is no BIT STRING */
export function derBitStringOf(node: DerNode): Uint8Array {
  requireTag(node, DER_TAG.bitString, 'bit string');
  if (node.content.length === 0) throw derError('not-expected', { expected: 'bit string' });
  return node.content.subarray(1);
}

/** @throws `der.not-expected` if it is no UTF8String, or no UTF-8 */
export function derUtf8StringOf(node: DerNode): string {
  requireTag(node, DER_TAG.utf8String, 'text');
  try {
    return UTF8.decode(node.content);
  } catch (error) {
    throw derError('not-expected', { expected: 'text' }, error);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A view. @throws `der.not-expected` if it is no OCTET STRING */
export function derOctetStringOf(node: DerNode): Uint8Array {
  requireTag(node, DER_TAG.octetString, 'octet string');
  return node.content;
}

/** @throws `der.not-expected` if it is no BOOLEAN */
export function derBooleanOf(node: DerNode): boolean {
  requireTag(node, DER_TAG.boolean, 'boolean');
  if (node.content.length !== 1) throw derError('not-expected', { expected: 'boolean' });
  return node.content[0] !== 0;
}

/** To the millisecond. @throws `der.not-expected` if it is no GeneralizedTime of UTC */
export function derGeneralizedTimeOf(node: DerNode): Date {
  requireTag(node, DER_TAG.generalizedTime, 'time');
  const parts = GENERALIZED_TIME.exec(Buffer.from(node.content).toString('latin1'))?.slice(1);
  const [year, month, day, hour, minute, second, fraction = ''] = parts ?? [];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`);
  // A day that a month does not have becomes one of the next.
  const isReal = !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
  if (!isReal) throw derError('not-expected', { expected: 'time' });
  return date;
}

const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,3})\d*)?Z$/;

function requireTag(node: DerNode, tagNumber: number, expected: string): void {
  const fits = node.tagClass === 'universal' && node.tagNumber === tagNumber && !node.constructed;
  if (!fits) throw derError('not-expected', { expected });
}

function malformed(reason: string, position: number): Error {
  return derError('malformed', { reason, position });
}
