/** Fractions of a second are not Apple's, but harmless; the year may have a sign. */
const DATE = /^(-?\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/** `2011-11-30T09:31:00Z`, whole seconds of UTC. */
export function formatXmlDate(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new TypeError('An invalid date cannot be written');
  const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000);
  const year = seconds.getUTCFullYear();
  const yearText = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  // From the month on, every ISO form has the same length.
  return `${yearText}${seconds.toISOString().slice(-20, -5)}Z`;
}

/** The date, or `undefined` if the text is none. */
export function parseXmlDate(text: string): Date | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
