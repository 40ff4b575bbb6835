import { minuteWords } from '@rootcellar/core';

const MINUTE_MS = 60_000;

/** "2026-05-03 14:05" by the clock of whoever reads it. */
export const minuteHere = (date: Date): string =>
  minuteWords(new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS));
