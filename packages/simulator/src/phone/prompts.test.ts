import { manualClock } from '@rootcellar/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { notificationCenter } from './notification-center.ts';
import { presentOwner } from './present-owner.ts';
import { Prompts } from './prompts.ts';

let clock: ReturnType<typeof manualClock>;
let passcode: string | undefined;
let prompts: Prompts;
const never = new AbortController().signal;

beforeEach(() => {
  clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  passcode = '123456';
  prompts = new Prompts({ clock, notifications: notificationCenter(), passcode: () => passcode });
});

/** Lets everything happen that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the passcode screen', () => {
  it('is not shown by a phone without a passcode', async () => {
    passcode = undefined;
    expect(await prompts.askPasscode('backup', never)).toBe('entered');
  });

  it('goes away after three minutes, and not before', async () => {
    const asked = prompts.askPasscode('backup', never);
    await settle();
    clock.advance(179_999);
    await settle();
    expect(prompts.current).toEqual({ kind: 'passcode', reason: 'backup' });
    clock.advance(1);
    expect(await asked).toBe('ignored');
    expect(prompts.current).toBeUndefined();
  });

  it('stays after a wrong passcode, and can be cancelled', async () => {
    const asked = prompts.askPasscode('backup', never);
    await settle();
    expect(prompts.enterPasscode('000000')).toBe('wrong');
    expect(prompts.tapTrust()).toBe(false);
    expect(prompts.cancel()).toBe(true);
    expect(await asked).toBe('cancelled');
    expect(prompts.cancel()).toBe(false);
    expect(prompts.enterPasscode('123456')).toBe('not-asked');
  });

  it('is taken away when who asked is gone', async () => {
    const gone = new AbortController();
    const asked = prompts.askPasscode('backup', gone.signal);
    await settle();
    gone.abort();
    expect(await asked).toBe('cancelled');
    expect(prompts.current).toBeUndefined();
  });

  it('waits for its turn while another question is on the screen', async () => {
    const first = prompts.askTrust(undefined, never);
    const second = prompts.askPasscode('backup', never);
    await settle();
    expect(prompts.current).toEqual({ kind: 'trust' });
    prompts.tapDeny();
    expect(await first).toBe('denied');
    await settle();
    expect(prompts.current).toEqual({ kind: 'passcode', reason: 'backup' });
    prompts.enterPasscode('123456');
    expect(await second).toBe('entered');
  });
});

describe('the trust dialogue', () => {
  it.each([
    ['entered', (): unknown => prompts.enterPasscode('123456'), 'trusted'],
    ['cancelled', (): unknown => prompts.cancel(), 'denied'],
    ['ignored', (): unknown => clock.advance(180_000), 'ignored'],
  ] as const)('needs the passcode after the tap: %s', async (_, act, outcome) => {
    const asked = prompts.askTrust('a computer', never);
    await settle();
    prompts.tapTrust();
    await settle();
    act();
    expect(await asked).toBe(outcome);
  });

  it('has no time limit of its own', async () => {
    const asked = prompts.askTrust('a computer', never);
    await settle();
    clock.advance(3_600_000);
    await settle();
    expect(prompts.current?.kind).toBe('trust');
    prompts.tapDeny();
    expect(await asked).toBe('denied');
  });
});

describe('an owner who is present', () => {
  it('trusts and types the passcode within a second', async () => {
    const leave = presentOwner({ kind: 'present', prompts, clock, passcode: () => passcode });
    const asked = prompts.askTrust('a computer', never);
    for (let step = 0; step < 10; step += 1) {
      await settle();
      clock.advance(100);
    }
    expect(await asked).toBe('trusted');
    leave();
  });

  it('does nothing any more once sent away', async () => {
    const leave = presentOwner({ kind: 'present', prompts, clock, passcode: () => passcode });
    leave();
    const asked = prompts.askPasscode('backup', never);
    await settle();
    clock.advance(10_000);
    await settle();
    expect(prompts.current?.kind).toBe('passcode');
    prompts.cancel();
    await asked;
  });
});
