import type { Language } from './languages.ts';

export interface Format {
  /** "152.4 GB": decimal, as phones and disks are sold. */
  bytes(bytes: number): string;
  count(count: number): string;
  /** 0…1 → "70 %". */
  percent(fraction: number): string;
  /** "Today, 06:42", "Yesterday, 22:18", "18 November, 21:40". */
  moment(time: string, now: Date): string;
  /** "3 hours ago". */
  age(time: string, now: Date): string;
  /** "21 November". */
  day(time: string | Date): string;
  /** "06:42". */
  clock(time: string | Date): string;
  /** "4 min 12 s". */
  duration(seconds: number): string;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const DAY_MS = 86_400_000;
const LOCALE: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** Numbers and dates as people write them in that language. */
export function formatsIn(language: Language): Format {
  const locale = LOCALE[language];
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const justNow = { en: 'just now', de: 'gerade eben' }[language];
  const clock = (time: string | Date) =>
    new Date(time).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  const day = (time: string | Date) =>
    new Date(time).toLocaleDateString(locale, { day: 'numeric', month: 'long' });
  return {
    bytes: (bytes) => bytesIn(locale, bytes),
    count: (count) => count.toLocaleString(locale),
    percent: (fraction) => `${Math.floor(fraction * 100)} %`,
    clock,
    day,
    moment: (time, now) => {
      const days = daysBetween(new Date(time), now);
      const isThisYear = new Date(time).getFullYear() === now.getFullYear();
      if (days <= 1) return `${capital(relative.format(-Math.max(days, 0), 'day'))}, ${clock(time)}`;
      if (isThisYear) return `${day(time)}, ${clock(time)}`;
      return new Date(time).toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' });
    },
    age: (time, now) => {
      const seconds = Math.max(0, (now.getTime() - Date.parse(time)) / 1000);
      if (seconds < 60) return justNow;
      if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
      if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
      return relative.format(-Math.floor(seconds / 86_400), 'day');
    },
    duration: (seconds) => durationWords(Math.round(seconds)),
  };
}

function bytesIn(locale: string, bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step < 2 || value >= 1000 ? 0 : 1;
  const number = value.toLocaleString(locale, { minimumFractionDigits: 0, maximumFractionDigits: digits });
  return `${number}\u00a0${UNITS[step]}`;
}

function durationWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Of the calendar, not of 24 hours. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
