import { expect, test } from 'vitest';
import { movementOf } from './job-numbers.ts';

test('a restore has read, not sent, what it counts while it plans', () => {
  expect(movementOf({ kind: 'restore', state: 'planning' })).toBe('checked');
  expect(movementOf({ kind: 'restore', state: 'sending' })).toBe('sent');
});

test('a backup is received, and a check is read', () => {
  expect(movementOf({ kind: 'backup', state: 'receiving' })).toBe('received');
  expect(movementOf({ kind: 'verify', state: 'verifying' })).toBe('checked');
  expect(movementOf({ kind: 'restore-plan', state: 'planning' })).toBe('checked');
});
