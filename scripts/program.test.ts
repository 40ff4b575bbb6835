import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { THREADS } from '../apps/cli/rolldown.config.ts';
import { REPOSITORY } from './repository.ts';

test('the program in few files has every thread that its sources start', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: REPOSITORY });
  const started = sources.flatMap((file) => [
    ...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(/threadShelf\(import\.meta\.url, '([^']+)'/g),
  ]);
  expect(started.length).toBeGreaterThan(3);
  expect(Object.keys(THREADS)).toEqual(expect.arrayContaining(started.map(([, name]) => name)));
});

test('each of these threads is named as its source is', () => {
  for (const [name, file] of Object.entries(THREADS)) expect(basename(file)).toBe(`${name}.js`);
});
