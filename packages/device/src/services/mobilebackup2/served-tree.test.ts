import { memoryTree } from '@rootcellar/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { servedTree } from './served-tree.ts';

const served = () => servedTree(memoryTree(), ['U', 'OLD']);

describe('a name from the phone', () => {
  test.each([
    ['U', 'U'],
    ['U/Snapshot/ab/abcdef', 'U/Snapshot/ab/abcdef'],
    ['/U/Status.plist', 'U/Status.plist'],
    ['U/Snapshot/', 'U/Snapshot'],
    ['OLD/Manifest.db', 'OLD/Manifest.db'],
    ['U/..hidden', 'U/..hidden'],
    ['U/e\u0301', 'U/e\u0301'],
  ])('%j is the path %j', (name, path) => {
    const tree = served();
    expect(tree.pathOf(name)).toBe(path);
    expect(tree.refusal).toBeUndefined();
  });

  test.each([
    '',
    '/',
    '..',
    '../U',
    'U/..',
    'U/../V',
    'U/../../etc',
    'V/a',
    'u/a',
    'UU/a',
    'U\\a',
    'U/a\\..\\..',
    'U/a\0',
    'U/./a',
    'U//a',
    'C:/U/a',
    `U/${'a'.repeat(256)}`,
    `U/${'a/'.repeat(3_000)}a`,
  ])('%j is refused, and remembered', (name) => {
    const tree = served();
    expect(() => tree.pathOf(name)).toThrow(expect.objectContaining({ code: 'tree.path-unsafe' }));
    expect(tree.refusal).toMatchObject({ code: 'tree.path-unsafe' });
  });

  test('of ten million slashes is refused at once', () => {
    const began = performance.now();
    expect(() => served().pathOf(`U${'/'.repeat(10_000_000)}a`)).toThrow();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('is never part of an error', () => {
    const tree = served();
    expect(() => tree.pathOf('../Ann')).toThrow();
    expect(JSON.stringify(tree.refusal?.details)).not.toContain('Ann');
  });

  test('that is accepted, whatever it is, stays in its folder', () => {
    const parts = fc.constantFrom('U', 'V', '..', '.', '/', '\\', '\0', 'a', ' ', '\u2215', '%2e%2e', '~');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (names) => {
        let path = '';
        try {
          path = served().pathOf(names.join('/'));
        } catch {
          return;
        }
        expect(path).toMatch(/^(U|OLD)(\/|$)/);
        expect(path.split('/')).not.toContain('..');
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});

test.each(['', '.', '..', 'a/b', '/a', 'a\\b', 'a\0b'])('a device called %j has no folder', (udid) => {
  expect(() => servedTree(memoryTree(), [udid])).toThrow(
    expect.objectContaining({ code: 'tree.path-unsafe' }),
  );
});
