import { normalInteger } from './integer.ts';
import { type PlistArray, type PlistDict, PlistReal, PlistUid, type PlistValue } from './value.ts';

/*
 * Questions to a value from outside: is it what I expect? Each answers `undefined` when it is something
 * else or missing, so that `asString(asDict(answer)?.['Status'])` reads like the sentence it means.
 */

export function asDict(value: PlistValue | undefined): PlistDict | undefined {
  return value !== undefined && isPlistDict(value) ? value : undefined;
}

export function asArray(value: PlistValue | undefined): PlistArray | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asString(value: PlistValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** An integer within ±(2^53 − 1), or the value of a real. */
export function asNumber(value: PlistValue | undefined): number | undefined {
  if (value instanceof PlistReal) return value.value;
  return typeof value === 'number' ? value : undefined;
}

/** An integer of any size; never a real, even if it is whole. */
export function asInteger(value: PlistValue | undefined): number | bigint | undefined {
  return typeof value === 'bigint' || Number.isInteger(value) ? (value as number | bigint) : undefined;
}

/**
 * An integer read as signed 64 bits: hosts and phones also send −6 as 2^64 − 6.
 *
 * Source: libplist, `plist_new_uint`; pymobiledevice3, `DLFileErrorCode` as unsigned 64-bit.
 */
export function asSigned64(value: PlistValue | undefined): number | bigint | undefined {
  const integer = asInteger(value);
  return typeof integer === 'bigint' ? normalInteger(BigInt.asIntN(64, integer)) : integer;
}

export function asBoolean(value: PlistValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function asData(value: PlistValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

export function asDate(value: PlistValue | undefined): Date | undefined {
  return value instanceof Date ? value : undefined;
}

/** Tells a dictionary from the other values that JavaScript calls objects. */
export function isPlistDict(value: PlistValue): value is PlistDict {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof PlistReal) &&
    !(value instanceof PlistUid)
  );
}
