import { describe, expect, test } from 'vitest';
import {
  checkDeclarations,
  checkSource,
  findImports,
  readDeclarations,
  readSources,
} from './check-imports.ts';

describe('this repository', () => {
  test('has no arrow that is not in the import table', () => {
    const sources = readSources();
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap((file) => checkSource(file))).toEqual([]);
  });

  test('declares no dependency that is not in the import table', () => {
    const declarations = readDeclarations();
    expect(declarations.length).toBeGreaterThan(5);
    expect(declarations.flatMap((part) => checkDeclarations(part))).toEqual([]);
  });
});

describe('an import', () => {
  const check = (path: string, text: string) => checkSource({ path, text });

  test('of a part the table names is fine', () => {
    const text = "import { treePath } from '@rootcellar/core';\nimport { join } from 'node:path';\n";
    expect(check('packages/device/src/a.ts', text)).toEqual([]);
  });

  test.each([
    ['packages/simulator/src/phone/a.ts', "import { pair } from '@rootcellar/device';"],
    ['packages/device/src/a.ts', "import type { Manifest } from '@rootcellar/backup';"],
    ['packages/core/src/a.ts', "export * from '@rootcellar/codecs';"],
    ['packages/codecs/src/a.ts', "const device = await import('@rootcellar/device');"],
    ['packages/api/src/a.ts', "import '@rootcellar/core';"],
    ['apps/cli/src/a.ts', "import {\n  usbmuxClient,\n} from '@rootcellar/device';"],
  ])('that %s may not make is found: %s', (path, text) => {
    expect(check(path, text)).toEqual([expect.stringContaining('may not import')]);
  });

  test('past the door of another part is found', () => {
    const text = "import { treePath } from '@rootcellar/core/src/trees/tree-path.ts';";
    expect(check('packages/device/src/a.ts', text)).toEqual([expect.stringContaining('goes past the door')]);
  });

  test('of the own part by its name is found', () => {
    const text = "import { treePath } from '@rootcellar/core';";
    expect(check('packages/core/src/a.ts', text)).toEqual([expect.stringContaining('by their path')]);
  });

  test('that leaves its part by a path is found, also as the URL of a worker', () => {
    const inside = "import { a } from '../b.ts';";
    expect(check('packages/device/src/usbmux/a.ts', inside)).toEqual([]);
    const outside = "import { a } from '../../../core/src/secret.ts';";
    expect(check('packages/device/src/usbmux/a.ts', outside)).toEqual([
      expect.stringContaining('leaves packages/device'),
    ]);
    const worker = "new Worker(new URL('../../core/src/worker.ts', import.meta.url));";
    expect(check('packages/device/src/a.ts', worker)).toEqual([expect.stringContaining('leaves')]);
  });

  test('in a part that nobody knows is found', () => {
    expect(check('packages/misc/src/a.ts', '')).toEqual([
      expect.stringContaining('packages/misc is not in the import table'),
    ]);
  });
});

test('imports are told with their line, and comments are no imports', () => {
  const text = [
    '/**',
    " * import { a } from 'comment';",
    ' */',
    "// import { b } from 'comment';",
    "import { c } from 'first';",
    "export { d } from 'second';",
    'export const from = 1;',
  ].join('\n');
  expect(findImports(text)).toEqual([
    { line: 5, specifier: 'first' },
    { line: 6, specifier: 'second' },
  ]);
});

describe('the declarations of a part', () => {
  test('may name what the table names, in both places', () => {
    const fine = {
      folder: 'packages/device',
      dependencies: ['@rootcellar/core', 'yauzl'],
      references: ['packages/core'],
    };
    expect(checkDeclarations(fine)).toEqual([]);
  });

  test('may not name anything else, nor differ', () => {
    const wrong = {
      folder: 'packages/simulator',
      dependencies: ['@rootcellar/core', '@rootcellar/device'],
      references: ['packages/backup'],
    };
    expect(checkDeclarations(wrong)).toEqual([
      'packages/simulator/package.json: simulator may not depend on device',
      'packages/simulator/tsconfig.json: simulator may not depend on backup',
      'packages/simulator/tsconfig.json: core is missing here',
      'packages/simulator/tsconfig.json: device is missing here',
      'packages/simulator/package.json: backup is missing here',
    ]);
  });
});
