import { PlistReal, PlistUid, type PlistValue } from '@rootcellar/codecs';
import { simulatorError } from '../errors.ts';

/** `$kind:size:number`, the size only where there is one. Source: docs/formats/trace.md. */
const PLACEHOLDER = /^\$([a-z-]+)(?::(\d{1,9}))?:(-?[\d.]{1,20})$/;

/** Content longer than this is not made again. */
const BYTES_MAX = 1024 * 1024;

/**
 * A value of the kind, shape and length that a placeholder stands for; of the same placeholder always the
 * same, of two placeholders never the same.
 *
 * @throws `simulator.trace-unreadable`
 */
export function expand(value: unknown): PlistValue {
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return value.startsWith('$') ? expandPlaceholder(value) : value;
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== 'object' || value === null) throw simulatorError('trace-unreadable', { line: 0 });
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [expandKey(key), expand(each)]));
}

function expandKey(key: string): string {
  const expanded = expand(key);
  if (typeof expanded !== 'string') throw simulatorError('trace-unreadable', { line: 0 });
  return expanded;
}

/** Does a message say what the trace has in its place? What was replaced matches everything of its kind. */
export function matches(traced: unknown, said: PlistValue | undefined): boolean {
  if (typeof traced === 'string' && traced.startsWith('$')) return said !== undefined;
  if (typeof traced !== 'object' || traced === null) return traced === said;
  if (Array.isArray(traced)) {
    return (
      Array.isArray(said) &&
      said.length === traced.length &&
      traced.every((each, at) => matches(each, said[at]))
    );
  }
  if (typeof said !== 'object') return false;
  const values = new Map<string, PlistValue>(Object.entries(said));
  return Object.entries(traced).every(([key, each]) => key.startsWith('$') || matches(each, values.get(key)));
}

function expandPlaceholder(text: string): PlistValue {
  const [, kind = '', sizeText = '', numberText = ''] = PLACEHOLDER.exec(text) ?? [];
  const size = Math.min(Number(sizeText), BYTES_MAX);
  const number = Number(numberText);
  const hex = number.toString(16).toUpperCase();
  switch (kind) {
    case 'is-real':
      return new PlistReal(number);
    case 'real':
      return new PlistReal(number + 0.5);
    case 'date':
      return new Date(number * 1000);
    case 'uid':
      return new PlistUid(number);
    case 'data':
      return new Uint8Array(size).fill(number);
    case 'number':
      return integer(size, number);
    case 'negative':
      return -integer(size, number);
    case 'udid':
      return `00000000-${hex.padStart(16, '0')}`;
    case 'old-udid':
      return hex.toLowerCase().padStart(40, '0');
    case 'uuid':
      return `00000000-0000-0000-0000-${hex.padStart(12, '0')}`;
    case 'mac':
      return hex
        .padStart(12, '0')
        .replace(/(..)(?!$)/g, '$1:')
        .toLowerCase();
    case 'path':
      return `/${number.toString(36)}`.padEnd(size, '.');
    case 'text':
      return number.toString(36).padEnd(size, '.');
    default:
      throw simulatorError('trace-unreadable', { line: 0 });
  }
}

/** The first number that needs so many bits, and those after it; 0 and 1 are never replaced. */
function integer(bits: number, number: number): number | bigint {
  const first = bits <= 8 ? 1n : 1n << BigInt(bits / 2);
  const value = first + BigInt(number);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
