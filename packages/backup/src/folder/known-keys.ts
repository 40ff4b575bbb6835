import {
  asBoolean,
  asData,
  asDate,
  asDict,
  asString,
  type PlistDict,
  type PlistValue,
} from '@rootcellar/codecs';

/**
 * Takes the keys we know out of a dictionary and keeps the rest aside, so that nothing is lost when other
 * versions have more. A key with a value of another type counts as unknown.
 */
export class KnownKeys {
  readonly #dict: PlistDict;
  readonly #taken = new Set<string>();

  constructor(dict: PlistDict) {
    this.#dict = dict;
  }

  string(key: string): string | undefined {
    return this.#take(key, asString);
  }

  boolean(key: string): boolean | undefined {
    return this.#take(key, asBoolean);
  }

  date(key: string): Date | undefined {
    return this.#take(key, asDate);
  }

  data(key: string): Uint8Array | undefined {
    return this.#take(key, asData);
  }

  dict(key: string): PlistDict | undefined {
    return this.#take(key, asDict);
  }

  strings(key: string): readonly string[] | undefined {
    return this.#take(key, asStrings);
  }

  /** Everything that was not taken. */
  others(): PlistDict {
    const others: Record<string, PlistValue | undefined> = Object.create(null);
    for (const key of Object.keys(this.#dict)) if (!this.#taken.has(key)) others[key] = this.#dict[key];
    return others;
  }

  #take<T>(key: string, read: (value: PlistValue | undefined) => T | undefined): T | undefined {
    const value = read(this.#dict[key]);
    if (value !== undefined) this.#taken.add(key);
    return value;
  }
}

function asStrings(value: PlistValue | undefined): readonly string[] | undefined {
  const strings = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return strings ? (value as readonly string[]) : undefined;
}
