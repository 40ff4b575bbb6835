import { createHash } from 'node:crypto';
import { type PlistDict, PlistReal, PlistUid, type PlistValue } from '@rootcellar/codecs';
import { KEPT } from './kept-words.ts';

/** What a message becomes: JSON in which every text is a kept word or a placeholder. */
export type RedactedValue =
  | string
  | number
  | boolean
  | readonly RedactedValue[]
  | { readonly [key: string]: RedactedValue };

/** The names that tell what was there; the most telling first. */
const SHAPES = [
  ['udid', /^[0-9a-f]{8}-[0-9a-f]{16}$/i],
  ['old-udid', /^[0-9a-f]{40}$/i],
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['mac', /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i],
] as const;

const KEYS = new Set(KEPT.flatMap(({ keys = [] }) => keys));
const TEXTS = new Set(KEPT.flatMap(({ texts = [] }) => texts));
const BELOW = KEPT.flatMap(({ below }) => below ?? []);
const NUMBERS = KEPT.flatMap(({ numbers }) => numbers ?? []);

/** Deeper nesting is cut off: nothing that is spoken goes so far. */
const DEPTH_MAX = 32;

/**
 * Replaces everything that could name a person, a device or a file by a placeholder that keeps its type, its
 * shape and the class of its length. The same value gets the same placeholder for as long as this object
 * lives, so that a reader sees where a UDID comes back, and not which one it is.
 */
export class Redactor {
  readonly #numbers = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  /** @param key what the value stands under, or the word that its array begins with */
  redact(value: PlistValue, key = '', depth = 0): RedactedValue {
    if (depth > DEPTH_MAX) return '$cut-off';
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string') return this.#text(value, key);
    if (typeof value === 'number' || typeof value === 'bigint') return this.#integer(value, key);
    if (value instanceof PlistReal) return this.#real(value.value, key);
    if (value instanceof PlistUid) return this.#placeholder('uid', `${value.value}`);
    if (value instanceof Date) return this.#placeholder('date', value.toISOString());
    if (value instanceof Uint8Array) return this.#data(value);
    if (isArray(value)) return this.#array(value, key, depth);
    return this.#dict(value, depth);
  }

  #array(values: readonly PlistValue[], key: string, depth: number): readonly RedactedValue[] {
    const [first] = values;
    const word = typeof first === 'string' && TEXTS.has(first) ? first : key;
    return values.map((value) => this.redact(value, word, depth + 1));
  }

  #dict(dict: PlistDict, depth: number): RedactedValue {
    const pairs = Object.entries(dict).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[this.#key(key), this.redact(value, nameOf(dict, key), depth + 1)] as const];
    });
    return Object.fromEntries(pairs);
  }

  #key(key: string): string {
    return KEYS.has(key) ? key : this.#text(key, '');
  }

  #text(text: string, key: string): string {
    if (text === '' || TEXTS.has(text)) return text;
    if (key === 'Key' && KEYS.has(text)) return text;
    if (BELOW.some(({ keys, form }) => keys.includes(key) && form.test(text))) return text;
    const shape = SHAPES.find(([, form]) => form.test(text))?.[0];
    if (shape !== undefined) return this.#placeholder(shape, text);
    return this.#placeholder(text.startsWith('/') ? 'path' : 'text', text, lengthClass(text.length));
  }

  #integer(value: number | bigint, key: string): RedactedValue {
    // Yes and no are often said like this.
    if (value === 0 || value === 1) return value;
    if (typeof value === 'number' && !Number.isInteger(value)) return this.#real(value, key);
    if (typeof value === 'number' && isKept(value, key)) return value;
    const kind = value < 0 ? 'negative' : 'number';
    return this.#placeholder(kind, `${value}`, bitClass(value < 0 ? -BigInt(value) : BigInt(value)));
  }

  #real(value: number, key: string): string {
    return isKept(value, key) ? `$is-real:${value}` : this.#placeholder('real', `${value}`);
  }

  #data(bytes: Uint8Array): string {
    // Not the bytes themselves: a trace of hours would keep all of them in memory.
    const digest = createHash('sha256').update(bytes).digest('base64');
    return this.#placeholder('data', digest, lengthClass(bytes.length));
  }

  #placeholder(kind: string, value: string, size?: number): string {
    const group = size === undefined ? kind : `${kind}:${size}`;
    const known = this.#numbers.get(`${group} ${value}`);
    if (known !== undefined) return `$${group}:${known}`;
    const number = (this.#counts.get(group) ?? 0) + 1;
    this.#counts.set(group, number);
    this.#numbers.set(`${group} ${value}`, number);
    return `$${group}:${number}`;
  }
}

/** Lockdown says `{Key: 'ProductVersion', Value: '26.1'}`: there the name is a value as well. */
function nameOf(dict: PlistDict, key: string): string {
  const { Key: name } = dict;
  return key === 'Value' && typeof name === 'string' ? name : key;
}

function isKept(value: number, key: string): boolean {
  return NUMBERS.some(({ keys, max }) => keys.includes(key) && value >= 0 && value <= max);
}

/** The next power of two: how long something is says what it is, how long exactly says whose. */
function lengthClass(length: number): number {
  return length === 0 ? 0 : 2 ** Math.ceil(Math.log2(length));
}

function bitClass(value: bigint): number {
  return [8, 16, 32, 64].find((bits) => value < 1n << BigInt(bits)) ?? 128;
}

function isArray(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}
