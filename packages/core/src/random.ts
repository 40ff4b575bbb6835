/** Where chance comes from. Passed in, so that a seed repeats a run. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** A whole number in [0, below). */
  below(limit: number): number;
  bytes(count: number): Uint8Array;
  pick<Item>(items: readonly Item[]): Item;
}

/**
 * The same numbers for the same seed, on every machine and in every version. Not for keys.
 *
 * Source: the public-domain generator sfc32 by Chris Doty-Humphrey (PractRand), seeded through FNV-1a.
 */
export function seededRandom(seed: string | number): Random {
  let a = fnv1a(`${seed}/a`);
  let b = fnv1a(`${seed}/b`);
  let c = fnv1a(`${seed}/c`);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next();
  const fraction = (): number => next() / 2 ** 32;
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i += 1) bytes[i] = next() & 0xff;
      return bytes;
    },
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('Nothing to pick from');
      return item;
    },
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
