import { expect, test } from 'vitest';
import { protectionOf } from './protection.ts';

test.each([
  ['sealed', { kind: 'snapshot', encrypted: true, keptAs: 'sealed' }, 'key-and-password'],
  [
    'kept in a way that nobody has noted',
    { kind: 'snapshot', encrypted: true, keptAs: null },
    'key-and-password',
  ],
  ['kept small', { kind: 'snapshot', encrypted: true, keptAs: 'small' }, 'key-alone'],
  [
    'of an iPhone without a password',
    { kind: 'snapshot', encrypted: false, keptAs: null },
    'key-alone-partly',
  ],
  ['a folder with a password', { kind: 'folder', encrypted: true, keptAs: null }, 'password-alone'],
  ['a folder without one', { kind: 'folder', encrypted: false, keptAs: null }, 'nothing'],
] as const)('a backup that is %s is said to have just the locks it has', (_, backup, protection) => {
  expect(protectionOf(backup)).toBe(protection);
});
