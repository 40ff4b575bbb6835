import { expect, test } from 'vitest';
import { hashPassword, isPassword } from './passwords.ts';

test('a password is known again, and nothing else is', async () => {
  const stored = await hashPassword('Äpfel im Keller');
  expect(stored).not.toContain('pfel');
  expect(await hashPassword('Äpfel im Keller')).not.toBe(stored);
  expect(await isPassword('Äpfel im Keller', stored)).toBe(true);
  expect(await isPassword('A\u0308pfel im Keller', stored)).toBe(true);
  for (const wrong of ['', 'äpfel im Keller', stored]) expect(await isPassword(wrong, stored)).toBe(false);
});

test('without an account no password is right, the empty one neither', async () => {
  for (const stored of [undefined, null, '', 'scrypt$$', 'scrypt$AA==$', 'plain']) {
    expect(await isPassword('', stored)).toBe(false);
  }
});
