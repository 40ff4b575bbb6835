import type { Job } from '@rootcellar/api';
import { describe, expect, test } from 'vitest';
import { isNotOpened, showsWrongPassword } from './wrong-password.ts';

const jobWith = (parts: object) => ({ result: null, error: null, ...parts }) as Job;
const stored = (wrongPassword: boolean) => jobWith({ result: { kind: 'backup', wrongPassword } });

describe('a job', () => {
  test('whose backup did not open is told of, and its password forgotten', () => {
    expect([isNotOpened(stored(true)), showsWrongPassword(stored(true))]).toEqual([true, true]);
    expect([isNotOpened(stored(false)), showsWrongPassword(stored(false))]).toEqual([false, false]);
  });

  test('that was refused for its password has it forgotten too', () => {
    expect(showsWrongPassword(jobWith({ error: { code: 'backup.password-wrong' } }))).toBe(true);
    expect(showsWrongPassword(jobWith({ error: { code: 'usbmux.frame-cut-short' } }))).toBe(false);
  });
});
