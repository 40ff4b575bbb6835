import { KnownError } from '@rootcellar/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnprotected, parseVaultLocation, vaultLocationText } from './vault-location.ts';

test.each([
  ['/mnt/disk/vault', { kind: 'folder', folder: '/mnt/disk/vault' }],
  ['/mnt/a:b', { kind: 'folder', folder: '/mnt/a:b' }],
  ['rest:http://ann@nas:8000/phone/', { kind: 'rest', url: 'http://nas:8000/phone/', username: 'ann' }],
  ['rest:https://nas/phone', { kind: 'rest', url: 'https://nas/phone/', username: '' }],
  ['rest:http://a%40b@[::1]:8000/', { kind: 'rest', url: 'http://[::1]:8000/', username: 'a@b' }],
  [
    's3:http://127.0.0.1:9000/cellar/vaults/phone',
    { kind: 's3', endpoint: 'http://127.0.0.1:9000', bucket: 'cellar', prefix: 'vaults/phone' },
  ],
  [
    's3:s3.eu-central-1.amazonaws.com/cellar',
    { kind: 's3', endpoint: 'https://s3.eu-central-1.amazonaws.com', bucket: 'cellar', prefix: '' },
  ],
  ['s3://host/cellar/a/', { kind: 's3', endpoint: 'https://host', bucket: 'cellar', prefix: 'a' }],
])('%s is a location, and its text is read as the same again', (text, location) => {
  const read = parseVaultLocation(text);
  expect(read).toEqual(location);
  expect(parseVaultLocation(vaultLocationText(read))).toEqual(read);
});

test.each([
  '',
  'a\0b',
  'sftp:ann@host:/vault',
  'http://host/vault',
  'rest:ftp://host/',
  'rest:host/path',
  'rest:http://host/?create=true',
  'rest:http://%ff@host/',
  's3:http://host',
  's3:http://host/bucket/../other',
  's3:http://host/bucket/%2e%2e/other',
  's3:https://host/b?versions',
])('%j is none', (text) => {
  expect(() => parseVaultLocation(text)).toThrow(
    expect.objectContaining({ code: 'operation.location-invalid' }),
  );
});

test.each([
  'rest:http://ann:quince@host/',
  'rest:http://:quince@host/',
  's3:http://AKID:quince@host/bucket',
  's3:AKID@host/bucket',
])('a password in it is refused, and not repeated: %s', (text) => {
  let thrown: unknown;
  try {
    parseVaultLocation(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'operation.location-holds-password' });
  expect(JSON.stringify(thrown) + (thrown as Error).stack).not.toContain('quince');
});

test('any text is a location or an error', () => {
  const part = fc.constantFrom(
    's3:',
    'rest:',
    'http://',
    '//',
    '/',
    '@',
    ':',
    '%',
    '..',
    'a',
    '[',
    '\\',
    '?',
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      try {
        const location = parseVaultLocation(parts.join(''));
        expect(parseVaultLocation(vaultLocationText(location))).toEqual(location);
      } catch (error) {
        if (!(error instanceof KnownError)) throw error;
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('a name and a password that others on the way can read are told from those that they cannot', () => {
  const isSeen = (text: string) => isUnprotected(parseVaultLocation(text));
  expect(isSeen('rest:http://nas:8000/')).toBe(true);
  expect(isSeen('rest:https://nas:8000/')).toBe(false);
  expect(isSeen('rest:http://127.0.0.1:8000/')).toBe(false);
  expect(isSeen('s3:http://nas/bucket')).toBe(false);
});
