import { describe, expect, it } from 'vitest';
import { type BenchPhone, benchPhone, converse } from './test-bench/bench-phone.ts';
import { passwordRequest } from './test-bench/password-request.ts';
import { StrictHost } from './test-bench/strict-host.ts';

const FAST = { pbkdf2Rounds: 10 };

const ask = async (phone: BenchPhone, passwords: { old?: string; new?: string }) => {
  const { answer } = await converse(phone, new StrictHost(), passwordRequest(passwords), FAST);
  return [answer?.['ErrorCode'], answer?.['ErrorDescription']];
};
const willEncrypt = (phone: BenchPhone) => phone.values.get('com.apple.mobile.backup', 'WillEncrypt');

const WRONG = [207, 'Invalid password (MBErrorDomain/207)'];
const DONE = [0, undefined];

describe('the backup password of a phone', () => {
  it('is set, changed and removed by who knows it', async () => {
    const phone = await benchPhone();
    expect(willEncrypt(phone)).toBeUndefined();
    expect(await ask(phone, { new: 'one' })).toEqual(DONE);
    expect(willEncrypt(phone)).toBe(true);
    expect(await ask(phone, { old: 'one', new: 'two' })).toEqual(DONE);
    expect(await ask(phone, { old: 'two' })).toEqual(DONE);
    expect(willEncrypt(phone)).toBe(false);
    expect(phone.encryption).toBeUndefined();
  });

  it('stays as it is for who does not', async () => {
    const phone = await benchPhone();
    expect(await ask(phone, {})).toEqual(WRONG);
    expect(await ask(phone, { old: 'one' })).toEqual(WRONG);
    expect(await ask(phone, { old: 'one', new: 'two' })).toEqual(WRONG);
    await ask(phone, { new: 'one' });
    const before = phone.encryption;
    for (const passwords of [{ old: 'On' }, { old: 'ONE', new: 'two' }, { new: 'two' }, {}]) {
      expect(await ask(phone, passwords)).toEqual(WRONG);
    }
    expect(await ask(phone, { old: 'one', new: 'x'.repeat(5000) })).toEqual(WRONG);
    expect(phone.encryption).toBe(before);
  });

  it('may change, but not go, where management wants it', async () => {
    const phone = await benchPhone();
    await ask(phone, { new: 'one' });
    phone.condition.requiresEncryption = true;
    const [code, words] = await ask(phone, { old: 'one' });
    expect(code).toBe(1);
    expect(words).toContain('Encrypted Backup MDM setting present on device (MBErrorDomain/22)');
    expect(await ask(phone, { old: 'one', new: 'two' })).toEqual(DONE);
  });

  it('needs the passcode since iOS 13', async () => {
    for (const [version, code] of [
      ['12.5.7', 0],
      ['13.7', 208],
      ['26.1', 208],
    ] as const) {
      const phone = await benchPhone({ version });
      const reasons: string[] = [];
      phone.owner = {
        askPasscode: async (reason) => {
          reasons.push(reason);
          return 'ignored';
        },
      };
      expect((await ask(phone, { new: 'one' }))[0]).toBe(code);
      expect(reasons).toEqual(code === 0 ? [] : ['backup-password']);
      expect(phone.encryption !== undefined).toBe(code === 0);
    }
  });

  it('is announced when it changes', async () => {
    const posted: string[] = [];
    const phone = await benchPhone();
    Object.assign(phone, {
      notifications: { post: (name: string) => posted.push(name), listen: () => () => {} },
    });
    await ask(phone, { new: 'one' });
    await ask(phone, { old: 'wrong' });
    expect(posted).toEqual(['com.apple.mobile.backup.domain_changed']);
  });
});
