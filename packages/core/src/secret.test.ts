import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('a secret gives its value to whoever asks for it by name', () => {
  expect(new Secret('apple').reveal()).toBe('apple');
  const key = new Uint8Array([1, 2]);
  expect(new Secret(key).reveal()).toBe(key);
});

test.each([
  ['a template', (secret: Secret) => `${secret}`],
  ['String', (secret: Secret) => String(secret)],
  ['JSON', (secret: Secret) => JSON.stringify({ secret })],
  ['inspect', (secret: Secret) => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
  ['the keys of the object', (secret: Secret) => JSON.stringify([Object.entries(secret), { ...secret }])],
  ['an error', (secret: Secret) => inspect(new Error('failed', { cause: secret }))],
])('%s does not show it', (_, print) => {
  expect(print(new Secret('apple'))).not.toContain('apple');
});
