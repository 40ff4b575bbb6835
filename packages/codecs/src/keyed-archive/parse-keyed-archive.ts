import { keyedArchiveError } from '../errors.ts';
import type { PlistLimits } from '../property-list/limits.ts';
import { parsePropertyList } from '../property-list/parse-property-list.ts';
import { asArray, asDict, asNumber, asString, isPlistDict } from '../property-list/typed-access.ts';
import { type PlistArray, type PlistDict, PlistUid, type PlistValue } from '../property-list/value.ts';
import { ARCHIVE_DEPTH_MAX, ARCHIVER, EPOCH_2001_MS, NULL_INDEX, VERSION } from './layout.ts';
import type { KeyedObject, KeyedValue } from './value.ts';

/**
 * Reads a keyed archive of either encoding: its `root`, or its only value, or, if it has several and no
 * root, all of them by name. An object that is referred to twice becomes one object, referred to twice.
 *
 * @throws `keyed-archive.*`, and the `plist.*` errors that concern reading
 */
export function parseKeyedArchive(bytes: Uint8Array, limits?: Partial<PlistLimits>): KeyedValue {
  const archive = asDict(parsePropertyList(bytes, limits));
  if (asString(archive?.['$archiver']) !== ARCHIVER) throw notAnArchive('archiver');
  const version = asNumber(archive?.['$version']);
  if (version === undefined) throw notAnArchive('version');
  if (version !== VERSION) throw keyedArchiveError('version-unsupported', { version });
  const objects = asArray(archive?.['$objects']);
  if (objects === undefined || objects.length === 0) throw notAnArchive('objects');
  const top = asDict(archive?.['$top']);
  if (top === undefined || Object.keys(top).length === 0) throw notAnArchive('top');
  return readTop(top, new Unarchiving(objects));
}

function readTop(top: PlistDict, unarchiving: Unarchiving): KeyedValue {
  const names = Object.keys(top);
  const only = top['root'] ?? (names.length === 1 ? top[names[0] as string] : undefined);
  if (only !== undefined) return unarchiving.read(only, 0);
  return new Map(names.map((name) => [name, unarchiving.read(top[name] as PlistValue, 0)]));
}

class Unarchiving {
  readonly #objects: PlistArray;
  readonly #finished = new Map<number, KeyedValue>();
  readonly #begun = new Set<number>();

  constructor(objects: PlistArray) {
    this.#objects = objects;
  }

  /** A value inside of an object: a reference, or a scalar in its place. */
  read(value: PlistValue, depth: number): KeyedValue {
    if (depth > ARCHIVE_DEPTH_MAX) throw keyedArchiveError('too-deep', { depthMax: ARCHIVE_DEPTH_MAX });
    if (value instanceof PlistUid) return this.#referred(value.value, depth);
    if (Array.isArray(value)) return value.map((item) => this.read(item, depth + 1));
    if (!isPlistDict(value)) return value as Exclude<KeyedValue, KeyedObject>;
    return value['$class'] === undefined ? this.#plainDict(value, depth) : this.#object(value, depth);
  }

  #referred(index: number, depth: number): KeyedValue {
    if (index === NULL_INDEX) return null;
    const finished = this.#finished.get(index);
    if (finished !== undefined) return finished;
    const object = this.#objects[index];
    if (object === undefined) throw malformed('reference to no object');
    if (this.#begun.has(index)) throw keyedArchiveError('contains-itself');
    this.#begun.add(index);
    const value = this.read(object, depth + 1);
    this.#finished.set(index, value);
    return value;
  }

  #plainDict(dict: PlistDict, depth: number): KeyedValue {
    return new Map(
      Object.entries(dict).map(([key, value]) => [key, this.read(value as PlistValue, depth + 1)]),
    );
  }

  #object(dict: PlistDict, depth: number): KeyedValue {
    const { className, classes } = this.#classOf(dict);
    const fields: Record<string, KeyedValue> = Object.create(null);
    for (const [key, value] of Object.entries(dict)) {
      if (key !== '$class') fields[key] = this.read(value as PlistValue, depth + 1);
    }
    return plainForm(classes, fields) ?? { className, classes, fields };
  }

  #classOf(dict: PlistDict): { readonly className: string; readonly classes: readonly string[] } {
    const reference = dict['$class'];
    const description = asDict(reference instanceof PlistUid ? this.#objects[reference.value] : undefined);
    const className = asString(description?.['$classname']);
    if (className === undefined) throw malformed('object without a class');
    const classes = asArray(description?.['$classes'])?.filter((name) => typeof name === 'string');
    return { className, classes: classes === undefined || classes.length === 0 ? [className] : classes };
  }
}

/** The plain value of a Foundation object; `undefined` if it has none, or not the fields it should have. */
function plainForm(classes: readonly string[], fields: KeyedObject['fields']): KeyedValue | undefined {
  for (const name of classes) {
    const plain = PLAIN_FORMS.get(name)?.(fields);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

type Fields = KeyedObject['fields'];

const PLAIN_FORMS = new Map<string, (fields: Fields) => KeyedValue | undefined>(
  Object.entries({
    NSArray: itemsOf,
    NSSet: itemsOf,
    NSOrderedSet: itemsOf,
    NSDictionary: pairsOf,
    NSString: (fields) => (typeof fields['NS.string'] === 'string' ? fields['NS.string'] : undefined),
    NSData: (fields) => (fields['NS.data'] instanceof Uint8Array ? fields['NS.data'] : undefined),
    NSDate: dateOf,
    NSNull: () => null,
  }),
);

function itemsOf(fields: Fields): KeyedValue | undefined {
  const items = fields['NS.objects'];
  return Array.isArray(items) ? items : undefined;
}

function pairsOf(fields: Fields): KeyedValue | undefined {
  const keys = fields['NS.keys'];
  const values = fields['NS.objects'];
  if (!Array.isArray(keys) || !Array.isArray(values)) return undefined;
  if (keys.length !== values.length) throw malformed('keys without values');
  return new Map(keys.map((key: KeyedValue, index) => [key, values[index] as KeyedValue]));
}

function dateOf(fields: Fields): KeyedValue | undefined {
  const seconds = asNumber(fields['NS.time'] as PlistValue | undefined);
  if (seconds === undefined) return undefined;
  const date = new Date(Math.round(seconds * 1000) + EPOCH_2001_MS);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function notAnArchive(missing: string): Error {
  return keyedArchiveError('not-an-archive', { missing });
}

function malformed(reason: string): Error {
  return keyedArchiveError('malformed', { reason });
}
