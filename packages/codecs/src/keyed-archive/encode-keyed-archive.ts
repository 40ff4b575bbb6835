import { keyedArchiveError } from '../errors.ts';
import { encodeBinaryPlist } from '../property-list/binary/encode-binary-plist.ts';
import { PlistReal, PlistUid, type PlistValue } from '../property-list/value.ts';
import { ARCHIVE_DEPTH_MAX, ARCHIVER, EPOCH_2001_MS, NULL_INDEX, NULL_MARK, VERSION } from './layout.ts';
import { isKeyedObject, type KeyedObject, type KeyedValue } from './value.ts';

/**
 * Writes a binary keyed archive with the value as its `root`.
 *
 * The objects come in the order in which Apple's writer has them: an object, then what its fields refer
 * to, then its class. Strings, data and objects are entries of their own; numbers and booleans stand
 * inside the object. In a field of Foundation itself (`NS.data`, `NS.string` …) everything stands inside.
 *
 * @throws `keyed-archive.contains-itself`, `keyed-archive.too-deep`, `plist.integer-too-large`
 */
export function encodeKeyedArchive(root: KeyedValue): Uint8Array {
  const archiving = new Archiving();
  const top = archiving.refer(root, 0);
  return encodeBinaryPlist({
    $version: VERSION,
    $archiver: ARCHIVER,
    $top: { root: top },
    $objects: archiving.objects,
  });
}

class Archiving {
  readonly objects: PlistValue[] = [NULL_MARK];
  /** By value for scalars, by identity for the rest. */
  readonly #known = new Map<unknown, PlistUid>();
  readonly #classes = new Map<string, PlistUid>();
  readonly #open = new Set<unknown>();

  /** A reference to the value, which becomes an entry of its own. */
  refer(value: KeyedValue, depth: number): PlistUid {
    if (value === null) return new PlistUid(NULL_INDEX);
    if (depth > ARCHIVE_DEPTH_MAX) throw keyedArchiveError('too-deep', { depthMax: ARCHIVE_DEPTH_MAX });
    if (this.#open.has(value)) throw keyedArchiveError('contains-itself');
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const uid = this.#reserve();
    this.#known.set(value, uid);
    if (typeof value === 'object') this.#open.add(value);
    this.#fill(uid, value, depth);
    this.#open.delete(value);
    return uid;
  }

  #fill(uid: PlistUid, value: Exclude<KeyedValue, null>, depth: number): void {
    if (isKeyedObject(value)) {
      this.#fillObject(uid, value, depth);
    } else if (Array.isArray(value)) {
      this.#fillContainer(uid, ['NSArray', 'NSObject'], { 'NS.objects': value }, depth);
    } else if (value instanceof Map) {
      const content = { 'NS.keys': [...value.keys()], 'NS.objects': [...value.values()] };
      this.#fillContainer(uid, ['NSDictionary', 'NSObject'], content, depth);
    } else if (value instanceof Date) {
      const seconds = new PlistReal((value.getTime() - EPOCH_2001_MS) / 1000);
      this.#fillObject(uid, objectOf(['NSDate', 'NSObject'], { 'NS.time': seconds }), depth);
    } else {
      this.objects[uid.value] = value as PlistValue;
    }
  }

  #fillObject(uid: PlistUid, object: KeyedObject, depth: number): void {
    const dict: Record<string, PlistValue> = Object.create(null);
    this.objects[uid.value] = dict;
    for (const [key, value] of Object.entries(object.fields)) {
      dict[key] = isInline(key, value) ? (value as PlistValue) : this.refer(value, depth + 1);
    }
    dict['$class'] = this.#classUid(object.classes, object.className);
  }

  #fillContainer(
    uid: PlistUid,
    classes: readonly string[],
    content: Readonly<Record<string, readonly KeyedValue[]>>,
    depth: number,
  ): void {
    const dict: Record<string, PlistValue> = Object.create(null);
    this.objects[uid.value] = dict;
    for (const [key, values] of Object.entries(content)) {
      dict[key] = values.map((value) => this.refer(value, depth + 1));
    }
    dict['$class'] = this.#classUid(classes, classes[0] as string);
  }

  #classUid(classes: readonly string[], className: string): PlistUid {
    const name = JSON.stringify([className, classes]);
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const uid = this.#reserve();
    this.objects[uid.value] = { $classname: className, $classes: classes };
    this.#classes.set(name, uid);
    return uid;
  }

  #reserve(): PlistUid {
    return new PlistUid(this.objects.push(NULL_MARK) - 1);
  }
}

function objectOf(classes: readonly string[], fields: KeyedObject['fields']): KeyedObject {
  return { className: classes[0] as string, classes, fields };
}

function isInline(key: string, value: KeyedValue): boolean {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return true;
  if (value instanceof PlistReal) return true;
  return key.startsWith('NS.') && (typeof value === 'string' || value instanceof Uint8Array);
}
