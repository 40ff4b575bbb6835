import { describe, expect, test } from 'vitest';
import { seededRandom } from './random.ts';

describe('a seeded random', () => {
  test('says the same for the same seed', () => {
    const [one, two] = [seededRandom('apple'), seededRandom('apple')];
    expect(one.bytes(64)).toEqual(two.bytes(64));
    expect(one.fraction()).toBe(two.fraction());
  });

  test('says something else for another seed, also for one that is nearly the same', () => {
    const bytes = ['a', 'b', 'a ', '1', '11', ''].map((seed) =>
      Buffer.from(seededRandom(seed).bytes(16)).toString('hex'),
    );
    expect(new Set(bytes).size).toBe(6);
    expect(seededRandom(1).bytes(16)).toEqual(seededRandom('1').bytes(16));
  });

  test('says the same for ever: phones and fixtures are grown from it', () => {
    expect(Buffer.from(seededRandom('rootcellar').bytes(16)).toString('hex')).toBe(
      '451ac58eb1c19e5b49f08bbe7af80ba8',
    );
  });

  test('stays below its limit and reaches every number under it', () => {
    const random = seededRandom(1);
    const drawn = Array.from({ length: 1000 }, () => random.below(6));
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  test('spreads its fractions evenly', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const tenth = Math.floor(random.fraction() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(tenths).toHaveLength(10);
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });

  test('picks one of what it is given, and cannot pick from nothing', () => {
    const random = seededRandom(1);
    expect(['x', 'y']).toContain(random.pick(['x', 'y']));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
