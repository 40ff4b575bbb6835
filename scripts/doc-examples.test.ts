import { describe, expect, test } from 'vitest';
import { examplesInComments, examplesInMarkdown, exportedNames, moduleOf } from './doc-examples.ts';
import { anchorsIn, linksIn } from './doc-links.ts';

describe('examples', () => {
  const source = [
    '/**',
    ' * Opens it.',
    ' *',
    ' * @example',
    ' * const door = openDoor();',
    ' *',
    ' * door.close();',
    ' * @throws never',
    ' */',
    'export function openDoor() {}',
  ].join('\n');

  test('in comments end at the next tag', () => {
    expect(examplesInComments('a.ts', source)).toEqual([
      { path: 'a.ts', line: 5, code: 'const door = openDoor();\n\ndoor.close();', isComment: true },
    ]);
  });

  test('in comments need no imports', () => {
    const [example] = examplesInComments('a.ts', source);
    if (example === undefined) throw new Error('No example was found');
    const names = new Map([
      ['./a.ts', exportedNames(source)],
      ['@rootcellar/core', ['openDoor', 'Secret', 'door']],
    ]);
    expect(moduleOf(example, names).split('\n')[0]).toBe("import { openDoor } from './a.ts';  export {};");
  });

  test('in documents are the blocks marked as ts, as they are', () => {
    const text = 'Text\n\n```sh\nls\n```\n\n```ts\nlet a = 1;\n```\n';
    const [example, ...others] = examplesInMarkdown('a.md', text);
    expect(others).toEqual([]);
    expect(example).toMatchObject({ line: 8, code: 'let a = 1;\n' });
  });
});

describe('links', () => {
  test('to other hosts and in code are left out', () => {
    const text = '[a](b.md#part-1) [c](https://example.org)\n`[d](e.md)`\n![f](g.svg) [h](#top)\n';
    expect(linksIn(text)).toEqual([
      { line: 1, path: 'b.md', anchor: 'part-1' },
      { line: 3, path: 'g.svg', anchor: undefined },
      { line: 3, path: '', anchor: 'top' },
    ]);
  });

  test('lead to headings as GitHub names them', () => {
    expect(
      anchorsIn('# Who may import whom?\n\n```sh\n# no heading\n```\n## `--plan`: look first\n'),
    ).toEqual(['who-may-import-whom', '--plan-look-first']);
  });
});
