import { describe, expect, it } from 'vitest';
import { formatsIn } from './format.ts';

const NOW = new Date(2026, 10, 22, 9, 52);
const at = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes).toISOString();

describe('numbers and dates', () => {
  it('are decimal and keep their unit on the line', () => {
    const { bytes } = formatsIn('en');
    expect([0, 999, 1000, 633_400, 19_460_000, 152_400_000_000].map(bytes)).toEqual(
      ['0 B', '999 B', '1 kB', '633 kB', '19.5 MB', '152.4 GB'].map((text) => text.replace(' ', '\u00a0')),
    );
    expect(formatsIn('de').bytes(152_400_000_000)).toBe('152,4\u00a0GB');
  });

  it('name today and yesterday by the calendar, not by 24 hours', () => {
    const { moment } = formatsIn('en');
    expect(moment(at(22, 6, 42), NOW)).toBe('Today, 06:42');
    expect(moment(at(21, 23, 59), NOW)).toBe('Yesterday, 23:59');
    expect(moment(at(18, 21, 40), NOW)).toBe('18 November, 21:40');
    expect(formatsIn('de').moment(at(21, 23, 59), NOW)).toBe('Gestern, 23:59');
  });

  it('tell an age in its largest unit, and never the future', () => {
    const { age } = formatsIn('en');
    expect(age(at(22, 6, 42), NOW)).toBe('3 hours ago');
    expect(age(at(22, 9, 51), NOW)).toBe('1 minute ago');
    expect(age(at(12, 9), NOW)).toBe('10 days ago');
    expect(age(at(23, 9), NOW)).toBe('just now');
  });

  it('never round a share up to done', () => {
    expect(formatsIn('en').percent(0.999)).toBe('99 %');
  });
});
