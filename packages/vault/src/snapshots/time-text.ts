/** Go writes and reads four digits of a year, no more. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** RFC 3339 without zeros at the end of the fraction, as Go writes it. A time that is none is the first of 1970. */
export function timeText(time: Date): string {
  const ms = Number.isNaN(time.getTime()) ? 0 : Math.min(LATEST_MS, Math.max(EARLIEST_MS, time.getTime()));
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}

/** To the millisecond. @returns `undefined` if it is no time */
export function parseTime(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
