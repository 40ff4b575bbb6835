import { asDict, type PlistDict, type PlistValue } from '@rootcellar/codecs';
import type { LockdownValues } from './phone.ts';

/** Domains whose values are made at the moment they are asked for. `''` is the one without a name. */
export type ValueSource = (domain: string) => PlistDict;

/** Keys that are answered when asked by name, but not listed with their domain. */
export type HiddenValueSource = (domain: string, key: string) => PlistValue | undefined;

/** What was set, above what the phone would say by itself. */
export class StoredValues implements LockdownValues {
  readonly #stored = new Map<string, Map<string, PlistValue>>();
  readonly #computed: ValueSource;
  readonly #hidden: HiddenValueSource;

  constructor(computed: ValueSource, hidden: HiddenValueSource) {
    this.#computed = computed;
    this.#hidden = hidden;
  }

  domain(name: string): PlistDict {
    return { ...this.#computed(name), ...Object.fromEntries(this.#stored.get(name) ?? []) };
  }

  get(domain: string, key: string): PlistValue | undefined {
    const listed = this.domain(domain);
    return Object.hasOwn(listed, key) ? listed[key] : this.#hidden(domain, key);
  }

  set(domain: string, key: string, value: PlistValue): void {
    const values = this.#stored.get(domain) ?? new Map<string, PlistValue>();
    values.set(key, value);
    this.#stored.set(domain, values);
  }

  remove(domain: string, key: string): void {
    this.#stored.get(domain)?.delete(key);
  }

  clear(): void {
    this.#stored.clear();
  }

  /** For the saved state: domain → key → value, without what is computed. */
  stored(): PlistDict {
    return Object.fromEntries([...this.#stored].map(([name, values]) => [name, Object.fromEntries(values)]));
  }

  restore(stored: PlistDict): void {
    this.clear();
    for (const [domain, values] of Object.entries(stored)) {
      for (const [key, value] of Object.entries(asDict(values) ?? {})) {
        if (value !== undefined) this.set(domain, key, value);
      }
    }
  }
}
