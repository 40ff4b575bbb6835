import type { PlistReal } from '../property-list/value.ts';

/** An object of a class that has no plain counterpart here, for example an `MBFile`. */
export interface KeyedObject {
  readonly className: string;
  /** The class and its ancestors, the class first; what the archive says, not what we know. */
  readonly classes: readonly string[];
  /** In the order of the archive; without prototype. */
  readonly fields: Readonly<Record<string, KeyedValue>>;
}

/**
 * What a keyed archive holds. Arrays, sets, dictionaries, strings, data, dates and null of Foundation
 * become the plain value they stand for; their mutability is not kept.
 */
export type KeyedValue =
  | null
  | string
  | number
  | bigint
  | boolean
  | PlistReal
  | Date
  | Uint8Array
  | readonly KeyedValue[]
  | ReadonlyMap<KeyedValue, KeyedValue>
  | KeyedObject;

export function isKeyedObject(value: KeyedValue | undefined): value is KeyedObject {
  return typeof value === 'object' && value !== null && 'className' in value;
}

/** Data in the wrapper that Apple's writer uses for `NSMutableData`, instead of plain data. */
export function keyedMutableData(bytes: Uint8Array): KeyedObject {
  return {
    className: 'NSMutableData',
    classes: ['NSMutableData', 'NSData', 'NSObject'],
    fields: { 'NS.data': bytes },
  };
}
