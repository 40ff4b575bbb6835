import { createHash } from 'node:crypto';
import { numbered } from './safe-segment.ts';

/** HFS+ passes over them when it compares names. Source: Apple, TN1150, Unicode subtleties. */
const IGNORED = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** Enough that by chance one in a thousand phones has a file numbered without need. */
const HASH_BYTES = 6;

/**
 * Gives out names so that no two are the same on any file system, however it treats capitals and accents.
 *
 * The same requests in the same order give the same names. Memory holds 48 bits for each.
 */
export class LocalNames {
  /** The next number to try, by hash of the name. */
  readonly #taken = new Map<number, number>();

  /** Names for something in a folder, each taken as soon as it is asked for: itself, then numbered. */
  *candidates(folder: string, name: string): Generator<string, never> {
    for (;;) yield this.#next(folder, name);
  }

  #next(folder: string, name: string): string {
    const asked = hashOf(folder, name);
    for (;;) {
      const number = (this.#taken.get(asked) ?? 0) + 1;
      this.#taken.set(asked, number);
      const candidate = numbered(name, number);
      const hash = number === 1 ? asked : hashOf(folder, candidate);
      if (number > 1 && this.#taken.has(hash)) continue;
      if (number > 1) this.#taken.set(hash, 1);
      return folder === '' ? candidate : `${folder}/${candidate}`;
    }
  }
}

/** Equal for names that any file system may take for the same. */
function hashOf(folder: string, name: string): number {
  const plain = `${folder}/${name}`.normalize('NFD').replace(IGNORED, '');
  const folded = plain.toUpperCase().toLowerCase().normalize('NFD');
  return createHash('sha1').update(folded).digest().readUIntBE(0, HASH_BYTES);
}
