/**
 * A 64-bit floating point number of a property list, kept apart from integers: 2.0 is not 2, and
 * phones refuse one where they expect the other.
 */
export class PlistReal {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }
}

/** A reference inside a keyed archive. Only binary property lists have these natively. */
export class PlistUid {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * What a property list can hold.
 *
 * - `number` is an integer within ±(2^53 − 1); a `number` that is not an integer is written as a real
 * - `bigint` is an integer outside that range, from −2^127 up to 2^127 − 1
 * - `PlistReal` is a real, always: also when its value happens to be whole
 * - `Date` has millisecond precision; `Uint8Array` is data
 * - a dictionary is an object without prototype, so that a key `__proto__` is a key like any other;
 *   its keys keep their order, except that integer-like keys come first, as JavaScript has it
 */
export type PlistValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | PlistReal
  | PlistUid
  | PlistArray
  | PlistDict;

export type PlistArray = readonly PlistValue[];
export interface PlistDict {
  readonly [key: string]: PlistValue | undefined;
}
