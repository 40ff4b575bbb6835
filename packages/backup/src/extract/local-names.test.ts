import { describe, expect, it } from 'vitest';
import { LocalNames } from './local-names.ts';

describe('LocalNames', () => {
  it.each([
    ['the same twice', ['a.txt', 'a.txt'], ['a.txt', 'a (2).txt']],
    ['capitals', ['IMG.JPG', 'img.jpg', 'Img.Jpg'], ['IMG.JPG', 'img (2).jpg', 'Img (3).Jpg']],
    ['two spellings of an accent', ['\u00e4', 'a\u0308'], ['\u00e4', 'a\u0308 (2)']],
    ['sharp s', ['straße', 'STRASSE'], ['straße', 'STRASSE (2)']],
    ['Turkish letters', ['\u0131', 'I'], ['\u0131', 'I (2)']],
    ['what cannot be seen', ['a\u200db', 'ab'], ['a\u200db', 'ab (2)']],
    ['a number that is there already', ['a (2)', 'a', 'a'], ['a (2)', 'a', 'a (3)']],
    ['a number that comes later', ['a', 'a', 'a (2)'], ['a', 'a (2)', 'a (2) (2)']],
  ])('keeps apart: %s', (_, names, expected) => {
    const local = new LocalNames();
    expect(names.map((name) => first(local.candidates('', name)))).toEqual(expected);
  });

  it('lets one name stand in several folders', () => {
    const local = new LocalNames();
    expect(first(local.candidates('one', 'a'))).toBe('one/a');
    expect(first(local.candidates('other', 'a'))).toBe('other/a');
    expect(first(local.candidates('ONE', 'A'))).toBe('ONE/A (2)');
  });

  it('offers the next number as long as it is asked', () => {
    const candidates = new LocalNames().candidates('x', 'a.b');
    const names = [1, 2, 3].map(() => candidates.next().value);
    expect(names).toEqual(['x/a.b', 'x/a (2).b', 'x/a (3).b']);
  });

  it('does not slow down when a hundred thousand names are the same', () => {
    const local = new LocalNames();
    const startedAt = performance.now();
    for (let index = 0; index < 100_000; index++) first(local.candidates('x', 'a'));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

function first(names: Iterable<string>): string | undefined {
  for (const name of names) return name;
  return undefined;
}
