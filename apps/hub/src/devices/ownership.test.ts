import { libraryError } from '@rootcellar/operations';
import { expect, test } from 'vitest';
import { maySeeBackups, maySeeState, mayUseContent, requireContent } from './ownership.ts';

const OPERATOR = { id: 'op', isOperator: true };
const ANN = { id: 'ann', isOperator: false };

test.each([
  // who, owner, sees state, sees that there are backups, uses content
  [OPERATOR, 'op', true, true, true],
  [OPERATOR, 'ann', true, true, false],
  [OPERATOR, null, true, true, true],
  [ANN, 'ann', true, true, true],
  [ANN, 'op', false, false, false],
  [ANN, null, true, false, false],
] as const)('%o and a phone of %s', (person, ownerID, state, backups, content) => {
  expect(maySeeState(person, ownerID)).toBe(state);
  expect(maySeeBackups(person, ownerID)).toBe(backups);
  expect(mayUseContent(person, ownerID)).toBe(content);
});

test('a stranger learns that there is nothing, the operator that it is not theirs', () => {
  const missing = () => libraryError('backup-unknown');
  expect(() => requireContent(ANN, 'op', missing)).toThrow(
    expect.objectContaining({ code: 'library.backup-unknown' }),
  );
  expect(() => requireContent(OPERATOR, 'ann', missing)).toThrow(
    expect.objectContaining({ code: 'hub.device-of-another' }),
  );
});
