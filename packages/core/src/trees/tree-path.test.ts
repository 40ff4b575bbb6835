import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside, joinPath, nameOf, parentOf, ROOT, treePath } from './tree-path.ts';

test.each([
  ['/etc/passwd', 'absolute'],
  ['../x', 'dot segment'],
  ['a/../../x', 'dot segment'],
  ['a/./b', 'dot segment'],
  ['a//b', 'empty segment'],
  ['a/', 'empty segment'],
  ['a\0b', 'NUL character'],
  ['a\\b', 'backslash'],
  ['C:/x', 'drive letter'],
  ['x'.repeat(256), 'name too long'],
  [`${'é'.repeat(128)}`, 'name too long'],
  ['a/'.repeat(2100), 'too long'],
])('%j is refused: %s', (name, reason) => {
  expect(() => treePath(name)).toThrow(expect.objectContaining({ code: 'tree.path-unsafe' }));
  expect(() => treePath(name)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ reason }) }),
  );
});

test('ordinary names pass, also those that only look dangerous', () => {
  for (const name of ['', 'a', '...', 'a/..b', 'a b/ç/👋', 'x'.repeat(255)])
    expect(treePath(name)).toBe(name);
});

test('no accepted name leads out of a folder', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('.', '..', '/', 'a', '\\', '\0', ':'), { maxLength: 12 }),
      (parts) => {
        const name = parts.join('');
        let path: string;
        try {
          path = treePath(name);
        } catch {
          return;
        }
        expect(posix.join('/root', path).startsWith('/root')).toBe(true);
      },
    ),
    { seed: 1, numRuns: 2000 },
  );
});

test('paths are taken apart and put together', () => {
  const path = joinPath(treePath('a/b'), 'c', 'd');
  expect(path).toBe('a/b/c/d');
  expect(parentOf(path)).toBe('a/b/c');
  expect(parentOf(treePath('a'))).toBe(ROOT);
  expect(nameOf(path)).toBe('d');
  expect(isInside(path, treePath('a/b'))).toBe(true);
  expect(isInside(treePath('a/bc'), treePath('a/b'))).toBe(false);
  expect(() => joinPath(treePath('a'), '..')).toThrow();
});
