import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { filesMatching, REPOSITORY } from './repository.ts';

const pictures = filesMatching('docs/pictures/*');
const documents = filesMatching('*.md', 'docs/**/*.md').map((path) =>
  readFileSync(join(REPOSITORY, path), 'utf8'),
);

test('the pictures of the guide are few and small, and each is shown somewhere', () => {
  expect(pictures.length).toBeGreaterThan(8);
  expect(pictures.length).toBeLessThanOrEqual(13);
  for (const path of pictures) {
    expect(statSync(join(REPOSITORY, path)).size, path).toBeLessThanOrEqual(80_000);
    expect(
      documents.some((text) => text.includes(`pictures/${basename(path)}`)),
      path,
    ).toBe(true);
  }
});

test('each is described in words, for those who do not see it', () => {
  const shown = documents.flatMap((text) => [...text.matchAll(/!\[([^\]]*)\]\([^)]*pictures\//g)]);
  expect(shown.filter(([, words = '']) => words.length < 15).map(([all]) => all)).toEqual([]);
});
