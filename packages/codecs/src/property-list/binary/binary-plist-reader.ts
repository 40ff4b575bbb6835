import { plistError } from '../../errors.ts';
import { normalInteger } from '../integer.ts';
import { completeLimits, type PlistLimits, requireSize, UnfoldingBudget } from '../limits.ts';
import { type PlistArray, type PlistDict, PlistReal, PlistUid, type PlistValue } from '../value.ts';
import {
  COUNT_FOLLOWS,
  EPOCH_2001_SECONDS,
  FALSE_BYTE,
  MAGIC,
  MARKER,
  TRAILER_BYTES,
  TRUE_BYTE,
} from './layout.ts';

/** The number of an object inside one binary property list. */
export type PlistRef = number;

export type PlistKind =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'data'
  | 'real'
  | 'uid'
  | 'array'
  | 'dict';

/**
 * The first texts met are decoded once: keys repeat in every dictionary. The count is bounded because
 * a giant list is streamed to keep memory small.
 */
const KEPT_TEXTS_MAX = 4096;

/** Dates beyond what JavaScript can hold. */
const DATE_MS_MAX = 8.64e15;

/**
 * A cursor over a binary property list. Nothing is decoded before it is asked for, so that a list of a
 * million entries can be walked in constant memory.
 *
 * Data are views into the input: do not reuse that buffer while they live.
 */
export class BinaryPlistReader {
  readonly root: PlistRef;
  readonly #bytes: Buffer;
  readonly #limits: PlistLimits;
  readonly #trailer: Trailer;
  readonly #texts = new Map<PlistRef, string>();

  /** @throws `plist.empty`, `plist.too-large`, `plist.version-unsupported`, `plist.binary-malformed` */
  constructor(bytes: Uint8Array, limits?: Partial<PlistLimits>) {
    this.#limits = completeLimits(limits);
    requireSize(bytes, this.#limits);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#trailer = readTrailer(this.#bytes);
    this.root = this.#trailer.root;
  }

  /** @throws `plist.binary-malformed` if there is no such object, or of no kind we know */
  kindOf(ref: PlistRef): PlistKind {
    const marker = this.#byteAt(this.#offsetOf(ref));
    switch (marker >> 4) {
      case MARKER.simple:
        if (marker === FALSE_BYTE || marker === TRUE_BYTE) return 'boolean';
        throw malformed('unknown kind of value');
      case MARKER.integer:
        return 'integer';
      case MARKER.real:
        return 'real';
      case MARKER.date:
        return 'date';
      case MARKER.data:
        return 'data';
      case MARKER.ascii:
      case MARKER.utf16:
      case MARKER.utf8:
        return 'string';
      case MARKER.uid:
        return 'uid';
      case MARKER.array:
        return 'array';
      case MARKER.dict:
        return 'dict';
      default:
        throw malformed('unknown kind of value');
    }
  }

  /** The items of an array, one by one; nothing if it is something else. */
  *arrayItems(ref: PlistRef): Generator<PlistRef, void> {
    if (this.kindOf(ref) !== 'array') return;
    const { count, start } = this.#referencesOf(ref, 1);
    for (let index = 0; index < count; index++) yield this.#refAt(start, index);
  }

  /** The pairs of a dictionary, one by one and as written, repeated keys included. */
  *dictPairs(ref: PlistRef): Generator<readonly [key: string, value: PlistRef], void> {
    if (this.kindOf(ref) !== 'dict') return;
    const { count, start } = this.#referencesOf(ref, 2);
    const budget = new UnfoldingBudget(this.#limits);
    for (let index = 0; index < count; index++) {
      yield [this.#keyAt(start, index, budget), this.#refAt(start, count + index)];
    }
  }

  /**
   * The object and everything below it.
   *
   * @throws `plist.binary-malformed`, `plist.too-deep` (also for a list that contains itself),
   *   `plist.too-many-values`, `plist.too-much-text`
   */
  value(ref: PlistRef): PlistValue {
    const budget = new UnfoldingBudget(this.#limits);
    budget.spendValues(1);
    return this.#unfold(ref, 0, budget);
  }

  #unfold(ref: PlistRef, depth: number, budget: UnfoldingBudget): PlistValue {
    const kept = this.#texts.get(ref);
    if (kept !== undefined) return kept;
    const offset = this.#offsetOf(ref);
    const marker = this.#byteAt(offset);
    switch (marker >> 4) {
      case MARKER.ascii:
      case MARKER.utf16:
      case MARKER.utf8:
        return this.#text(ref, budget);
      case MARKER.array:
        return this.#array(ref, depth, budget);
      case MARKER.dict:
        return this.#dict(ref, depth, budget);
      default:
        return this.#scalar(offset, marker);
    }
  }

  #array(ref: PlistRef, depth: number, budget: UnfoldingBudget): PlistArray {
    budget.enter(depth + 1);
    const { count, start } = this.#referencesOf(ref, 1);
    budget.spendValues(count);
    const items: PlistValue[] = [];
    for (let index = 0; index < count; index++) {
      items.push(this.#unfold(this.#refAt(start, index), depth + 1, budget));
    }
    return items;
  }

  #dict(ref: PlistRef, depth: number, budget: UnfoldingBudget): PlistDict {
    budget.enter(depth + 1);
    const { count, start } = this.#referencesOf(ref, 2);
    budget.spendValues(count);
    const dict: Record<string, PlistValue> = Object.create(null);
    for (let index = 0; index < count; index++) {
      const key = this.#keyAt(start, index, budget);
      dict[key] = this.#unfold(this.#refAt(start, count + index), depth + 1, budget);
    }
    return dict;
  }

  #scalar(offset: number, marker: number): PlistValue {
    const size = marker & 0x0f;
    switch (marker >> 4) {
      case MARKER.simple:
        if (marker === FALSE_BYTE) return false;
        if (marker === TRUE_BYTE) return true;
        throw malformed('unknown kind of value');
      case MARKER.integer:
        return this.#integer(offset + 1, size);
      case MARKER.real:
        return new PlistReal(this.#real(offset + 1, size));
      case MARKER.date:
        return toDate(this.#real(offset + 1, size));
      case MARKER.data:
        return this.#data(offset);
      case MARKER.uid:
        return new PlistUid(this.#unsigned(offset + 1, size + 1));
      default:
        throw malformed('unknown kind of value');
    }
  }

  /** 1, 2 and 4 bytes are unsigned; 8 and 16 bytes are two's complement. */
  #integer(offset: number, sizeExponent: number): number | bigint {
    const sizeBytes = 2 ** sizeExponent;
    if (sizeBytes < 8) return this.#unsigned(offset, sizeBytes);
    if (sizeBytes > 16) throw malformed('integer of unknown size');
    this.#require(offset, sizeBytes);
    const high = this.#bytes.readBigInt64BE(offset);
    if (sizeBytes === 8) return normalInteger(high);
    return normalInteger((high << 64n) | this.#bytes.readBigUInt64BE(offset + 8));
  }

  #real(offset: number, sizeExponent: number): number {
    this.#require(offset, 2 ** sizeExponent);
    if (sizeExponent === 2) return this.#bytes.readFloatBE(offset);
    if (sizeExponent === 3) return this.#bytes.readDoubleBE(offset);
    throw malformed('real of unknown size');
  }

  #data(offset: number): Uint8Array {
    const { count, start } = this.#countAt(offset);
    this.#require(start, count);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, count);
  }

  #keyAt(start: number, index: number, budget: UnfoldingBudget): string {
    const ref = this.#refAt(start, index);
    return this.#texts.get(ref) ?? this.#text(ref, budget);
  }

  #text(ref: PlistRef, budget: UnfoldingBudget): string {
    const offset = this.#offsetOf(ref);
    const kind = this.#byteAt(offset) >> 4;
    const { count, start } = this.#countAt(offset);
    if (kind !== MARKER.ascii && kind !== MARKER.utf8 && kind !== MARKER.utf16) {
      throw malformed('key is not a text');
    }
    const sizeBytes = kind === MARKER.utf16 ? count * 2 : count;
    this.#require(start, sizeBytes);
    budget.spendText(sizeBytes);
    const text =
      kind === MARKER.utf16
        ? Buffer.from(this.#bytes.subarray(start, start + sizeBytes))
            .swap16()
            .toString('utf16le')
        : // Some writers put UTF-8 behind the ASCII marker; for ASCII it is the same.
          this.#bytes.toString('utf8', start, start + sizeBytes);
    if (this.#texts.size < KEPT_TEXTS_MAX) this.#texts.set(ref, text);
    return text;
  }

  #referencesOf(ref: PlistRef, perItem: 1 | 2): { readonly count: number; readonly start: number } {
    const place = this.#countAt(this.#offsetOf(ref));
    this.#require(place.start, place.count * perItem * this.#trailer.refBytes);
    return place;
  }

  #countAt(offset: number): { readonly count: number; readonly start: number } {
    const low = this.#byteAt(offset) & 0x0f;
    if (low !== COUNT_FOLLOWS) return { count: low, start: offset + 1 };
    const marker = this.#byteAt(offset + 1);
    const sizeBytes = 2 ** (marker & 0x0f);
    if (marker >> 4 !== MARKER.integer || sizeBytes > 8) throw malformed('count is not an integer');
    return { count: this.#unsigned(offset + 2, sizeBytes), start: offset + 2 + sizeBytes };
  }

  #refAt(start: number, index: number): PlistRef {
    const { refBytes } = this.#trailer;
    return unsignedAt(this.#bytes, start + index * refBytes, refBytes);
  }

  #offsetOf(ref: PlistRef): number {
    const { objects, offsetBytes, tableOffset } = this.#trailer;
    if (!(ref >= 0 && ref < objects)) throw malformed('reference to no object');
    const offset = unsignedAt(this.#bytes, tableOffset + ref * offsetBytes, offsetBytes);
    if (offset < MAGIC.length || offset >= tableOffset) throw malformed('object outside the list');
    return offset;
  }

  #byteAt(offset: number): number {
    this.#require(offset, 1);
    return this.#bytes[offset] as number;
  }

  #unsigned(offset: number, sizeBytes: number): number {
    this.#require(offset, sizeBytes);
    return unsignedAt(this.#bytes, offset, sizeBytes);
  }

  /** Objects end where the offset table begins. */
  #require(offset: number, sizeBytes: number): void {
    if (offset + sizeBytes > this.#trailer.tableOffset) throw malformed('object cut short');
  }
}

interface Trailer {
  readonly offsetBytes: number;
  readonly refBytes: number;
  readonly objects: number;
  readonly root: PlistRef;
  readonly tableOffset: number;
}

function readTrailer(bytes: Buffer): Trailer {
  requireMagic(bytes);
  const start = bytes.length - TRAILER_BYTES;
  if (start < MAGIC.length) throw malformed('too short');
  const trailer: Trailer = {
    offsetBytes: bytes[start + 6] as number,
    refBytes: bytes[start + 7] as number,
    objects: unsignedAt(bytes, start + 8, 8),
    root: unsignedAt(bytes, start + 16, 8),
    tableOffset: unsignedAt(bytes, start + 24, 8),
  };
  const sizesKnown = isReferenceSize(trailer.offsetBytes) && isReferenceSize(trailer.refBytes);
  if (!sizesKnown) throw malformed('references of unknown size');
  const tableEnd = trailer.tableOffset + trailer.objects * trailer.offsetBytes;
  if (trailer.tableOffset < MAGIC.length || tableEnd > start)
    throw malformed('offset table outside the list');
  if (trailer.root >= trailer.objects) throw malformed('no top object');
  return trailer;
}

/** Readers accept any last digit. Source: CF-Lite, `CFBinaryPList.c`, top-level parser. */
function requireMagic(bytes: Buffer): void {
  const magic = bytes.toString('latin1', 0, MAGIC.length);
  if (!magic.startsWith('bplist')) throw malformed('no binary property list');
  if (!magic.startsWith('bplist0')) throw plistError('version-unsupported');
}

function isReferenceSize(sizeBytes: number): boolean {
  return sizeBytes >= 1 && sizeBytes <= 8;
}

/** 1 to 8 bytes, big-endian. @throws `plist.binary-malformed` above 2^53, which no offset or count can be */
function unsignedAt(bytes: Buffer, offset: number, sizeBytes: number): number {
  let value = 0;
  for (let index = 0; index < sizeBytes; index++) value = value * 256 + (bytes[offset + index] as number);
  if (value > Number.MAX_SAFE_INTEGER) throw malformed('number too large');
  return value;
}

function toDate(secondsSince2001: number): Date {
  const ms = Math.round((secondsSince2001 + EPOCH_2001_SECONDS) * 1000);
  if (!(Math.abs(ms) <= DATE_MS_MAX)) throw malformed('impossible date');
  return new Date(ms);
}

function malformed(reason: string): Error {
  return plistError('binary-malformed', { reason });
}
