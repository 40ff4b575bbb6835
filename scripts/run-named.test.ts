import { expect, test } from 'vitest';
import { listOf } from './run-named.ts';

test('without a name, everything there is gets listed', () => {
  const files = new Map([['kill-matrix', 'tests/soak/kill-matrix.soak.ts']]);
  expect(listOf({ kind: 'soak', files, name: undefined })).toBe(
    [
      'npm run soak -- NAME, where NAME is one of:',
      '  kill-matrix          tests/soak/kill-matrix.soak.ts',
    ].join('\n'),
  );
});

test('a wrong name is called wrong, also when there is nothing to choose from', () => {
  expect(listOf({ kind: 'bench', files: new Map(), name: 'huge' })).toBe(
    'There is no bench called huge.\nThere is no bench yet.',
  );
});
