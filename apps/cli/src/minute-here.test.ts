import { afterEach, expect, it } from 'vitest';
import { minuteHere } from './minute-here.ts';

const before = process.env['TZ'];
afterEach(() => {
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});

it('tells a moment by the clock of the computer', () => {
  process.env['TZ'] = 'Asia/Tokyo';
  expect(minuteHere(new Date('2026-05-03T20:05:00Z'))).toBe('2026-05-04 05:05');
  process.env['TZ'] = 'America/New_York';
  expect(minuteHere(new Date('2026-05-03T02:05:00Z'))).toBe('2026-05-02 22:05');
});
