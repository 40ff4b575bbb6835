import { expect, test } from 'vitest';
import { storageError, vaultError } from './errors.ts';

const saying = (area: typeof storageError | typeof vaultError, damage: boolean) =>
  Object.entries(area.catalogue)
    .filter(([, entry]) => ('damage' in entry && entry.damage) === damage)
    .map(([name]) => name);

test('a place that cannot be reached, or lets nobody in, says nothing of what is stored there', () => {
  expect(saying(storageError, true)).toEqual(['not-found', 'cut-short', 'too-large', 'input-output']);
  expect(saying(storageError, false)).toEqual(
    expect.arrayContaining(['not-permitted', 'not-signed-in', 'not-reached', 'timed-out', 'busy']),
  );
});

test('a vault in which somebody else works, or that is newer than we are, is not damaged', () => {
  expect(saying(vaultError, false)).toEqual(
    expect.arrayContaining(['locked', 'lock-lost', 'cipher-errs', 'cipher-list-newer', 'password-wrong']),
  );
  expect(saying(vaultError, true)).toEqual(
    expect.arrayContaining(['blob-missing', 'blob-damaged', 'tree-damaged', 'cipher-content-short']),
  );
});
