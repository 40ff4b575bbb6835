import { manualClock } from '@rootcellar/core';
import { describe, expect, test } from 'vitest';
import { hubPlanLine } from './plan-sentences.ts';
import { Plans } from './plans.ts';

const DELETE = {
  kind: 'delete',
  udid: 'U',
  deviceName: 'Ann’s',
  backup: 'b',
  freedBytes: 1,
  ...hubPlanLine('none-stays'),
} as const;
const MINE = { kind: 'delete', sessionID: 'mine', udid: 'U' } as const;

const open = () => {
  const clock = manualClock(new Date('2026-05-03T10:00:00Z'));
  return { clock, plans: new Plans(clock) };
};

describe('a plan that was shown', () => {
  test('is carried out once', () => {
    const { plans } = open();
    const { id } = plans.show(DELETE, 'mine');
    expect(plans.take(id, MINE)).toMatchObject(DELETE);
    expect(() => plans.take(id, MINE)).toThrow(expect.objectContaining({ code: 'hub.plan-unknown' }));
  });

  test('is of no use for another session, phone or kind, and stays for its own', () => {
    const { plans } = open();
    const { id } = plans.show(DELETE, 'mine');
    expect(() => plans.take(id, { ...MINE, sessionID: 'other' })).toThrow();
    expect(() => plans.take(id, { ...MINE, udid: 'V' })).toThrow();
    expect(() => plans.take(id, { ...MINE, kind: 'restore' })).toThrow();
    expect(plans.take(id, MINE).backup).toBe('b');
  });

  test('holds for ten minutes', () => {
    const { clock, plans } = open();
    const early = plans.show(DELETE, 'mine');
    const late = plans.show(DELETE, 'mine');
    clock.advance(10 * 60_000 - 1);
    plans.take(early.id, MINE);
    clock.advance(1);
    expect(() => plans.take(late.id, MINE)).toThrow();
    expect(late.expiresAt).toBe('2026-05-03T10:10:00.000Z');
  });

  test('makes room for newer ones of its session, not of others', () => {
    const { plans } = open();
    const others = plans.show(DELETE, 'other');
    const first = plans.show(DELETE, 'mine');
    for (let count = 0; count < 20; count += 1) plans.show(DELETE, 'mine');
    expect(() => plans.take(first.id, MINE)).toThrow();
    expect(plans.take(others.id, { ...MINE, sessionID: 'other' }).id).toBe(others.id);
  });
});
