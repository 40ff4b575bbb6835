import { completeLimits, UnfoldingBudget } from '../limits.ts';
import { isPlistDict } from '../typed-access.ts';
import { type PlistArray, type PlistDict, PlistReal, PlistUid, type PlistValue } from '../value.ts';

/** A dictionary or array, with references instead of content. */
export class Container {
  /** Of a dictionary, else empty. */
  readonly keyRefs: number[] = [];
  readonly valueRefs: number[] = [];
  readonly kind: 'array' | 'dict';

  constructor(kind: 'array' | 'dict') {
    this.kind = kind;
  }
}

export type FlatObject = Exclude<PlistValue, PlistArray | PlistDict> | Container;

/** Larger data are written as often as they occur: comparing them costs more than it saves. */
const SHARED_DATA_BYTES_MAX = 4096;

/**
 * Numbers the objects of a list, the top object first, then depth first; the keys of a dictionary
 * before its values. Equal scalars become one object, containers never do.
 *
 * Source: the order and sharing of CF-Lite `CFBinaryPList.c` and of Python `plistlib`.
 *
 * @throws `plist.too-deep` (also for a value that contains itself), `plist.too-many-values`
 */
export function flatten(root: PlistValue): readonly FlatObject[] {
  const flattening = new Flattening();
  flattening.add(root, 0);
  return flattening.objects;
}

class Flattening {
  readonly objects: FlatObject[] = [];
  readonly #budget = new UnfoldingBudget(completeLimits());
  readonly #texts = new Map<string, number>();
  /** `1` and `1n` never meet: the value model has one form for each integer. */
  readonly #integers = new Map<number | bigint, number>();
  readonly #others = new Map<string, number>();

  add(value: PlistValue, depth: number): number {
    if (typeof value === 'string') return this.#shared(this.#texts, value, value);
    this.#budget.spendValues(1);
    if (typeof value === 'bigint') return this.#shared(this.#integers, normalKey(value), value);
    if (typeof value === 'number') {
      if (Number.isInteger(value)) return this.#shared(this.#integers, value, value);
      return this.add(new PlistReal(value), depth);
    }
    if (Array.isArray(value)) return this.#addArray(value, depth + 1);
    const name = nameOfScalar(value);
    if (name !== undefined) return this.#shared(this.#others, name, value as FlatObject);
    if (value instanceof Uint8Array) return this.#append(value);
    if (isPlistDict(value)) return this.#addDict(value, depth + 1);
    throw new TypeError(`A property list cannot hold a value of type ${typeof value}`);
  }

  #addArray(items: PlistArray, depth: number): number {
    this.#budget.enter(depth);
    const array = new Container('array');
    const ref = this.#append(array);
    for (const item of items) array.valueRefs.push(this.add(item, depth));
    return ref;
  }

  #addDict(dict: PlistDict, depth: number): number {
    this.#budget.enter(depth);
    const container = new Container('dict');
    const ref = this.#append(container);
    const keys = Object.keys(dict).filter((key) => dict[key] !== undefined);
    for (const key of keys) container.keyRefs.push(this.add(key, depth));
    for (const key of keys) container.valueRefs.push(this.add(dict[key] as PlistValue, depth));
    return ref;
  }

  #shared<Key>(known: Map<Key, number>, key: Key, value: FlatObject): number {
    const before = known.get(key);
    if (before !== undefined) return before;
    const ref = this.#append(value);
    known.set(key, ref);
    return ref;
  }

  #append(object: FlatObject): number {
    return this.objects.push(object) - 1;
  }
}

function normalKey(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** What is equal between equal scalars; `undefined` for what is no scalar or too large to compare. */
function nameOfScalar(value: PlistValue): string | undefined {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof PlistReal) return `real ${Object.is(value.value, -0) ? '-0' : value.value}`;
  if (value instanceof PlistUid) return `uid ${value.value}`;
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof Uint8Array && value.length <= SHARED_DATA_BYTES_MAX) {
    return `data ${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}`;
  }
  return undefined;
}
