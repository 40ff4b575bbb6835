/** A moment in UTC, to the minute, as errors tell it: "2026-05-03 08:15". */
export const minuteWords = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');
